using System.Net;
using System.Security.Cryptography.X509Certificates;
using Halley.Protocol;
using Halley.Testing;

namespace Halley.Server.Tests.Hosting;

public class TlsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Certificate_by_option_serves_both_versions_of_http(int major)
    {
        using var directory = new TemporaryDirectory();
        var files = new TestCertificate(directory.Path);
        await using var server = await ServerProgram.StartAsync(
            directory.Path, "--urls", "https://127.0.0.1:0",
            $"--Halley:Tls:CertificatePath={files.CertificateFile}", $"--Halley:Tls:KeyPath={files.KeyFile}");
        using var expected = X509CertificateLoader.LoadCertificateFromFile(files.CertificateFile);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) =>
            shown!.GetCertHashString() == expected.GetCertHashString();
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, Routes.Health))
        {
            Version = new Version(major, major == 1 ? 1 : 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(request.Version, answer.Version);
    }
}
