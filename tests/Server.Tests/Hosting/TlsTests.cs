using System.Net;
using System.Security.Cryptography.X509Certificates;
using Halley.Protocol;
using Halley.Testing;

namespace Halley.Server.Tests.Hosting;

public class TlsTests
{
    [Fact]
    public async Task Renewed_certificate_and_moved_log_file_are_noticed_at_a_hang_up_and_a_bad_certificate_keeps_the_old_one()
    {
        const int HangUp = 1;
        using var directory = new TemporaryDirectory();
        var files = new TestCertificate(directory.Path);
        await using var server = await ServerProgram.StartAsync(
            directory.Path, "--urls", "https://127.0.0.1:0",
            $"--Halley:Tls:CertificatePath={files.CertificateFile}", $"--Halley:Tls:KeyPath={files.KeyFile}");
        var logs = directory.Combine("halley-data", "logs");
        var log = Directory.GetFiles(logs).Single();
        var first = await ThumbprintAsync(server.Address);

        _ = new TestCertificate(directory.Path);
        File.Move(log, log + ".1");
        server.Signal(HangUp);
        await Eventually.HoldsAsync(
            "the new certificate is shown", TimeSpan.FromSeconds(20), async () => await ThumbprintAsync(server.Address) != first);
        var second = await ThumbprintAsync(server.Address);
        await Eventually.HoldsAsync("the log goes on under its name", TimeSpan.FromSeconds(20), () => File.Exists(log));

        foreach (var spoil in new Action[]
        {
            () => _ = new TestCertificate(directory.Path, DateTimeOffset.UtcNow.AddHours(-1)),
            () => File.WriteAllText(files.KeyFile, "no key"),
        })
        {
            spoil();
            var before = server.Lines.Count(line => line.Contains("The old certificate stays in use", StringComparison.Ordinal));
            server.Signal(HangUp);
            await Eventually.HoldsAsync(
                "the bad certificate is reported", TimeSpan.FromSeconds(20),
                () => server.Lines.Count(line => line.Contains("The old certificate stays in use", StringComparison.Ordinal)) > before);
        }

        Assert.Equal(second, await ThumbprintAsync(server.Address));
        Assert.True(server.IsRunning);
    }

    private static async Task<string> ThumbprintAsync(Uri address)
    {
        var shown = "";
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            shown = certificate!.GetCertHashString();
            return shown.Length > 0;
        };
        using var client = new HttpClient(handler);
        using var answer = await client.GetAsync(new Uri(address, Routes.Health));
        return shown;
    }

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
