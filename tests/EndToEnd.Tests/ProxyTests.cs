using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Halley.Protocol;

namespace Halley.EndToEnd.Tests;

/// <summary>What a proxy must not break, with the configuration as it is shipped.</summary>
public sealed class ProxyTests(SharedInstallation shared) : IClassFixture<SharedInstallation>
{
    private const int Megabyte = 1024 * 1024;

    private ServerProcess Server => shared.Installation.Server;

    [Theory]
    [InlineData(Route.Nginx)]
    [InlineData(Route.HaProxy)]
    public async Task Body_far_larger_than_a_pack_passes_in_both_directions(string routeName)
    {
        await using var route = await Route.OpenAsync(routeName, Server.Address);
        var vault = await Vault.AddToAsync(shared.Installation);
        using var http = ClientThrough(route, vault);
        var content = new byte[200 * Megabyte];
        RandomNumberGenerator.Fill(content);
        var name = VaultFiles.NameOf(content);

        using var body = new ByteArrayContent(content);
        using var uploaded = await http.PostAsync(new Uri($"data/{name}", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.OK, uploaded.StatusCode);
        using var downloaded = await http.GetAsync(new Uri($"data/{name}", UriKind.Relative));
        Assert.Equal(name, Convert.ToHexStringLower(await SHA256.HashDataAsync(await downloaded.Content.ReadAsStreamAsync())));
    }

    [Theory]
    [InlineData(Route.Nginx)]
    [InlineData(Route.HaProxy)]
    public async Task Head_keeps_its_length_and_lists_keep_their_type(string routeName)
    {
        await using var route = await Route.OpenAsync(routeName, Server.Address);
        var vault = await Vault.AddToAsync(shared.Installation);
        using var direct = vault.OpenWithHttp();
        using var http = ClientThrough(route, vault);
        byte[] content = [1, 7, 5, 8];
        Assert.Equal(HttpStatusCode.OK, await direct.UploadAsync(content));

        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"data/{VaultFiles.NameOf(content)}"));
        Assert.Equal(4, head.Content.Headers.ContentLength);

        using var request = new HttpRequestMessage(HttpMethod.Get, "data/");
        request.Headers.TryAddWithoutValidation("Accept", "application/vnd.x.restic.rest.v2");
        using var list = await http.SendAsync(request);
        Assert.Equal(["application/vnd.x.restic.rest.v2"], list.Content.Headers.GetValues("Content-Type"));
        Assert.Equal(
            $$"""[{"name":"{{VaultFiles.NameOf(content)}}","size":4}]""", (await list.Content.ReadAsStringAsync()).ReplaceLineEndings(""));
    }

    [Theory]
    [InlineData(Route.Direct)]
    [InlineData(Route.Nginx)]
    [InlineData(Route.HaProxy)]
    public async Task Refusal_of_a_large_upload_reaches_the_client_every_time(string routeName)
    {
        await using var route = await Route.OpenAsync(routeName, Server.Address);
        var vault = await (await Vault.AddToAsync(shared.Installation)).WithNewKeyAsync(BucketKeyMode.ReadOnly);
        using var http = ClientThrough(route, vault);
        var path = new Uri($"data/{new string('0', 64)}", UriKind.Relative);
        var statuses = new List<(Version Version, HttpStatusCode Status)>();
        Version[] versions = routeName == Route.Direct ? [HttpVersion.Version11] : [HttpVersion.Version11, HttpVersion.Version20];
        foreach (var version in versions)
        {
            foreach (var size in Enumerable.Repeat(new[] { 5, 16 }, 4).SelectMany(sizes => sizes))
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, path)
                {
                    Content = new ByteArrayContent(new byte[size * Megabyte]),
                    Version = version,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                };
                using var response = await http.SendAsync(request);
                statuses.Add((response.Version, response.StatusCode));
            }
        }

        Assert.Equal(versions.Length, statuses.DistinctBy(answer => answer.Version).Count());
        Assert.All(statuses, answer => Assert.Equal(HttpStatusCode.Forbidden, answer.Status));
    }

    [Theory]
    [InlineData(Route.Nginx)]
    [InlineData(Route.HaProxy)]
    public async Task Client_without_a_host_is_answered(string routeName)
    {
        await using var route = await Route.OpenAsync(routeName, Server.Address);
        using var socket = new TcpClient();
        await socket.ConnectAsync(route.Address.Host, route.Address.Port);
        using var expected = X509CertificateLoader.LoadCertificateFromFile(route.CertificateFile!);
        await using var tls = new SslStream(
            socket.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => expected.Equals(certificate));
        await tls.AuthenticateAsClientAsync("localhost");

        await tls.WriteAsync("GET /healthz HTTP/1.0\r\n\r\n"u8.ToArray());

        Assert.Contains(" 200 OK", await new StreamReader(tls).ReadLineAsync(), StringComparison.Ordinal);
    }

    private static HttpClient ClientThrough(Route route, Vault vault)
    {
        var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        };
        var http = new HttpClient(handler) { BaseAddress = new Uri(route.Address, $"{Routes.Vault}/{vault.BucketId}/") };
        http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{vault.BucketId}:{vault.Secret}")));
        http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrHigher;
        return http;
    }
}
