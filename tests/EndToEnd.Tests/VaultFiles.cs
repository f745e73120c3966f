using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Halley.Protocol;

namespace Halley.EndToEnd.Tests;

/// <summary>Single files of a bucket by HTTP, for what restic cannot be made to do.</summary>
internal sealed class VaultFiles : IDisposable
{
    private readonly HttpClient _http;

    public VaultFiles(Uri server, string bucketId, string secret)
    {
        _http = new HttpClient { BaseAddress = new Uri(server, $"{Routes.Vault}/{bucketId}/") };
        _http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{bucketId}:{secret}")));
    }

    public static string NameOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public async Task<HttpStatusCode> UploadAsync(byte[] content)
    {
        using var body = new ByteArrayContent(content);
        using var response = await _http.PostAsync(Of(NameOf(content)), body);
        return response.StatusCode;
    }

    public async Task<HttpStatusCode> StatusOfAsync(string name)
    {
        using var response = await _http.GetAsync(Of(name));
        return response.StatusCode;
    }

    /// <summary>The status and the code of a file that cannot be read.</summary>
    public async Task<(HttpStatusCode Status, string? Code)> RefusalOfAsync(string name)
    {
        using var response = await _http.GetAsync(Of(name));
        return (response.StatusCode, await CodeOfAsync(response));
    }

    /// <summary>The status and the code of a file that cannot be stored.</summary>
    public async Task<(HttpStatusCode Status, string? Code)> RefusalOfUploadAsync(byte[] content)
    {
        using var body = new ByteArrayContent(content);
        using var response = await _http.PostAsync(Of(NameOf(content)), body);
        return (response.StatusCode, await CodeOfAsync(response));
    }

    private static async Task<string?> CodeOfAsync(HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync())?["code"]?.GetValue<string>();

    public async Task<HttpStatusCode> StatusOfListAsync()
    {
        using var response = await _http.GetAsync(new Uri("data/", UriKind.Relative));
        return response.StatusCode;
    }

    public async Task<HttpStatusCode> DeleteAsync(string name)
    {
        using var response = await _http.DeleteAsync(Of(name));
        return response.StatusCode;
    }

    /// <summary>Throws unless the file is there and is what its name says.</summary>
    public async Task VerifyAsync(string name)
    {
        using var response = await _http.GetAsync(Of(name));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(name, NameOf(await response.Content.ReadAsByteArrayAsync()));
    }

    public void Dispose() => _http.Dispose();

    private static Uri Of(string name) => new($"data/{name}", UriKind.Relative);
}
