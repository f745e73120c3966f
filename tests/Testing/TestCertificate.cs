using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Halley.Testing;

/// <summary>
/// A certificate for 127.0.0.1 and localhost, in the files that nginx and HAProxy want. Its subject is its own, so that a client may trust
/// several of them.
/// </summary>
public sealed class TestCertificate
{
    public TestCertificate(string directory, DateTimeOffset? notAfter = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=localhost {Guid.NewGuid():N}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), notAfter ?? DateTimeOffset.UtcNow.AddDays(7));

        CertificateFile = Path.Combine(directory, "fullchain.pem");
        KeyFile = Path.Combine(directory, "privkey.pem");
        BundleFile = Path.Combine(directory, "halley.pem");
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(BundleFile, $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
    }

    public string CertificateFile { get; }

    public string KeyFile { get; }

    /// <summary>Certificate and key in one file, as HAProxy reads them.</summary>
    public string BundleFile { get; }
}
