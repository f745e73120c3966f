using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Halley.Protocol;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;

namespace Halley.Server.Tests.AuthRole.ClientPackages;

/// <summary>A server that offers packages of the client. The packages are random bytes; their directory has the real form.</summary>
public sealed class ClientPackagesTests(ClientPackagesTests.Offer offer) : IClassFixture<ClientPackagesTests.Offer>
{
    [Fact]
    public async Task Packages_of_the_list_are_downloaded_without_a_credential()
    {
        var list = PackageList.Read(await BytesAsync(PackageList.FileName));

        Assert.Equal("1.2.3", list.Version);
        var archive = list.FindArchive(PackageFile.Client, "linux-x64")!;
        Assert.Equal(archive.Sha256, Convert.ToHexStringLower(SHA256.HashData(await BytesAsync(archive.Name))));
        Assert.Equal("signature"u8.ToArray(), await BytesAsync(PackageList.SignatureName));
        Assert.Null(list.FindArchive(PackageFile.Client, "osx-x64"));
    }

    [Fact]
    public async Task Interrupted_download_goes_on_from_where_it_stopped()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.ToDownload(Offer.Archive));
        request.Headers.Range = new(100, null);
        using var answer = await offer.Host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal(offer.Content[100..], await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("private.pem")] // lies in the directory, and is not in the list
    [InlineData("../halley.db")]
    [InlineData("..%2Fhalley.db")]
    [InlineData("nothing.deb")]
    public async Task Nothing_else_is_downloaded(string name)
    {
        using var answer = await offer.Host.Http.GetAsync(new Uri($"/downloads/{name}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Script_installs_from_the_server_that_was_asked()
    {
        var address = offer.Host.Http.BaseAddress!.ToString().TrimEnd('/');
        var script = await offer.Host.Http.GetStringAsync(new Uri(Routes.InstallScript, UriKind.Relative));

        Assert.StartsWith("#!/bin/sh\n", script, StringComparison.Ordinal);
        Assert.Contains($"server={address}\n", script, StringComparison.Ordinal);
        Assert.DoesNotContain("@SERVER@", script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_that_a_shell_would_run_does_not_come_into_the_script()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.InstallScript);
        request.Headers.TryAddWithoutValidation("Host", "a$(id)");
        using var answer = await offer.Host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.DoesNotContain("$(id)", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vendors_calls_return_the_same_packages()
    {
        var platforms = await offer.Host.CallCometAsync("admin/branding/available-platforms", []);
        Assert.Equal(["7", "1008"], platforms.EnumerateObject().Select(platform => platform.Name));
        Assert.True(platforms.GetProperty("7").GetProperty("Recommended").GetBoolean());

        Assert.Equal(offer.Content, await PostAsync("admin/branding/generate-client/by-platform", HttpStatusCode.OK, ("Platform", "7")));
        Assert.Equal(offer.Content, await PostAsync("update-software/linuxgeneric", HttpStatusCode.OK));
        Assert.Equal(200, (await TestAsync("7")).StatusOf());
        Assert.Equal(501, (await TestAsync("1010")).StatusOf());
        await PostAsync("admin/branding/generate-client/macos-arm64", HttpStatusCode.NotImplemented);

        var properties = await offer.Host.Http.GetStringAsync(new Uri(Routes.BrandingProperties, UriKind.Relative));
        Assert.True(JsonDocument.Parse(properties).RootElement.GetProperty("AllowUnauthenticatedDownloads").GetBoolean());
    }

    [Fact]
    public async Task Damaged_list_is_an_error_and_not_an_empty_list()
    {
        var good = await File.ReadAllBytesAsync(offer.ListFile);
        await File.WriteAllTextAsync(offer.ListFile, """{"version":"1.2.3"}""");
        try
        {
            using var answer = await offer.Host.Http.GetAsync(new Uri(Routes.ToDownload(Offer.Archive), UriKind.Relative));
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        }
        finally
        {
            await File.WriteAllBytesAsync(offer.ListFile, good);
        }
    }

    private Task<JsonElement> TestAsync(string platform) =>
        offer.Host.CallCometAsync("admin/branding/generate-client/test", new Dictionary<string, string> { ["Platform"] = platform });

    private Task<byte[]> BytesAsync(string name) =>
        offer.Host.Http.GetByteArrayAsync(new Uri(Routes.ToDownload(name), UriKind.Relative));

    private async Task<byte[]> PostAsync(string call, HttpStatusCode expected, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var answer = await offer.Host.Http.PostAsync(new Uri($"/api/v1/{call}", UriKind.Relative), form);
        Assert.Equal(expected, answer.StatusCode);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    /// <summary>The server and its directory of packages.</summary>
    public sealed class Offer : IAsyncLifetime, IDisposable
    {
        public const string Archive = "halley-client-1.2.3-linux-x64.tar.gz";

        private readonly TemporaryDirectory _directory = new();

        public byte[] Content { get; } = RandomNumberGenerator.GetBytes(100_000);

        public ServerHost Host { get; private set; } = default!;

        public string ListFile => _directory.Combine(PackageList.FileName);

        public async Task InitializeAsync()
        {
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(Content));
            var files = new[] { Archive, "halley-client_1.2.3_amd64.deb" }
                .Select(name => new PackageFile(name, PackageFile.Client, "linux-x64", Content.Length, sha256)).ToList();
            foreach (var file in files)
            {
                await File.WriteAllBytesAsync(_directory.Combine(file.Name), Content);
            }

            var list = new PackageList("1.2.3", new DateTime(2026, 11, 28, 0, 0, 0, DateTimeKind.Utc), files);
            await File.WriteAllTextAsync(ListFile, JsonSerializer.Serialize(list, JsonSerializerOptions.Web));
            await File.WriteAllTextAsync(_directory.Combine(PackageList.SignatureName), "signature");
            await File.WriteAllTextAsync(_directory.Combine("private.pem"), "secret");
            Host = await ServerHost.StartAsync(
                new ServerHostOptions { Kestrel = true, Settings = { ["Halley:PackagesDirectory"] = _directory.Path } });
        }

        public async Task DisposeAsync() => await Host.DisposeAsync();

        public void Dispose() => _directory.Dispose();
    }
}
