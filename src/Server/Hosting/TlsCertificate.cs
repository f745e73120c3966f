using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Halley.Server.Hosting;

/// <summary>The server's certificate with its intermediates, loaded from files.</summary>
internal sealed record TlsCertificate(X509Certificate2 Certificate, X509Certificate2Collection Chain)
{
    /// <summary>True for the same certificate with the same intermediates.</summary>
    public bool IsSame(TlsCertificate other) =>
        Certificate.RawDataMemory.Span.SequenceEqual(other.Certificate.RawDataMemory.Span)
        && Chain.Select(one => one.Thumbprint).SequenceEqual(other.Chain.Select(one => one.Thumbprint));

    public static TlsCertificate? Load(TlsOptions options)
    {
        if (options.CertificatePath is not { } path)
        {
            return null;
        }

        try
        {
            var password = options.PasswordFile is { } file ? SettingFile.ReadSecret(file) : options.Password;
            return options.IsPfx ? FromPfx(path, password) : FromPem(path, options.KeyPath, password);
        }
        catch (Exception problem)
            when (problem is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartRefusedException(
                ExitCodes.WrongSettings, $"The certificate of Halley:Tls cannot be used: {problem.Message}", problem);
        }
    }

    private static TlsCertificate FromPfx(string path, string? password)
    {
        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(path, password);
        var own = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw new CryptographicException("the PFX file holds no private key");
        all.Remove(own);
        return new TlsCertificate(own, all);
    }

    private static TlsCertificate FromPem(string path, string? keyPath, string? password)
    {
        var own = password is null
            ? X509Certificate2.CreateFromPemFile(path, keyPath)
            : X509Certificate2.CreateFromEncryptedPemFile(path, password, keyPath);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(path);
        chain.RemoveAt(0);
        return new TlsCertificate(own, chain);
    }
}
