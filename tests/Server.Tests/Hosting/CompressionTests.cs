using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using Halley.Protocol;
using Halley.Server.Tests.Organizations;
using Halley.Testing;

namespace Halley.Server.Tests.Hosting;

public partial class CompressionTests
{
    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Lists_of_both_apis_are_compressed_for_who_asks(string encoding)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Kestrel = true });
        using var alice = await host.SignInAsync();
        for (var i = 0; i < 10; i++)
        {
            await host.AddAccountAsync($"user-{i}");
        }

        KeyValuePair<string, string>[] credentials =
            [new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", ServerHost.Password)];
        using var lists =
            new HttpRequestMessage(HttpMethod.Post, "/api/v1/admin/list-users-full") { Content = new FormUrlEncodedContent(credentials) };
        using var accounts = new HttpRequestMessage(HttpMethod.Get, Routes.Accounts);
        foreach (var (request, count) in new[] { (lists, 10), (accounts, 10) })
        {
            request.Headers.AcceptEncoding.ParseAdd(encoding);
            using var answer = await alice.SendAsync(request);
            var compressed = await answer.Content.ReadAsByteArrayAsync();
            Assert.Equal([encoding], answer.Content.Headers.ContentEncoding);
            Assert.Contains("Accept-Encoding", answer.Headers.Vary);

            using var stream = encoding == "gzip"
                ? (Stream)new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress)
                : new BrotliStream(new MemoryStream(compressed), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            await stream.CopyToAsync(plain);
            var document = JsonDocument.Parse(plain.ToArray()).RootElement;
            var items = request == lists ? document.EnumerateObject().Count() : document.GetProperty("items").GetArrayLength();
            Assert.Equal(count, items);
            Assert.True(compressed.Length < plain.Length / 2, $"{compressed.Length} of {plain.Length}");
        }
    }

    [Fact]
    public async Task Files_that_pages_load_are_compressed()
    {
        const int OnePacket = 1400;
        await using var host = await ServerHost.StartAsync(new ServerHostOptions { Kestrel = true });
        var page = await host.Http.GetStringAsync(new Uri("/sign-in", UriKind.Relative));
        var files = LoadedFile().Matches(page).Select(match => match.Groups[1].Value)
            .Append("_content/MudBlazor/MudBlazor.min.js").ToList();

        Assert.Contains(files, file => file.Contains("MudBlazor.min.css", StringComparison.Ordinal));
        foreach (var file in files)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/{file}");
            request.Headers.AcceptEncoding.ParseAdd("gzip");
            using var answer = await host.Http.SendAsync(request);
            var content = await answer.Content.ReadAsByteArrayAsync();
            Assert.True(answer.IsSuccessStatusCode, file);
            Assert.True(content.Length <= OnePacket || answer.Content.Headers.ContentEncoding.Contains("gzip"), file);
        }
    }

    [GeneratedRegex("(?:href|src)=\"([^\"]+\\.(?:css|js))\"")]
    private static partial Regex LoadedFile();

    [Fact]
    public async Task Who_does_not_ask_pages_the_vault_and_streams_are_left_alone()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Kestrel = true });
        using var alice = await host.SignInAsync();
        using (var plain = await alice.GetAsync(new Uri(Routes.Administrators, UriKind.Relative)))
        {
            Assert.Empty(plain.Content.Headers.ContentEncoding);
        }

        alice.DefaultRequestHeaders.AcceptEncoding.ParseAdd("gzip");
        alice.DefaultRequestHeaders.AcceptEncoding.ParseAdd("br");
        foreach (var path in new[] { "/sign-in", "/healthz", "/gen/branding.props", $"{Routes.Vault}/bucket/config", Routes.EventStream })
        {
            using var answer = await alice.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            Assert.True(answer.Content.Headers.ContentEncoding.Count == 0, path);
        }

        using var asked = await alice.GetAsync(new Uri(Routes.Administrators, UriKind.Relative));
        Assert.NotEmpty(asked.Content.Headers.ContentEncoding);
    }
}
