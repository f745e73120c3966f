using System.Text.Json;
using Halley.Protocol;

namespace Halley.Benchmarks.Accounts;

/// <summary>Calls of the vendor's API with an administrator's session key.</summary>
internal sealed class CometClient(Uri address, string sessionKey) : IDisposable
{
    private readonly HttpClient _http =
        new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };

    public async Task<JsonElement> CallAsync(string call, params (string Name, string Value)[] fields)
    {
        using var answer = await SendAsync(call, fields);
        return await JsonSerializer.DeserializeAsync<JsonElement>(await answer.Content.ReadAsStreamAsync());
    }

    /// <summary>Reads an answer to its end without keeping it; its length in bytes.</summary>
    public async Task<long> ReadAsync(string call, params (string Name, string Value)[] fields)
    {
        using var answer = await SendAsync(call, fields);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        var length = 0L;
        for (int read; (read = await body.ReadAsync(buffer)) > 0; length += read)
        {
        }

        return length;
    }

    /// <summary>A sign-in of a user by his L-key; true when it succeeded.</summary>
    public async Task<bool> SignInAsync(string username, string lKey)
    {
        using var content = new FormUrlEncodedContent([new("Username", username), new("AuthType", "LKey"), new("LKey", lKey)]);
        using var answer = await _http.PostAsync(new Uri($"{Routes.CometApi}/user/web/session/start", UriKind.Relative), content);
        var json = await JsonSerializer.DeserializeAsync<JsonElement>(await answer.Content.ReadAsStreamAsync());
        return json.GetProperty("Status").GetInt32() == 200;
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(string call, (string Name, string Value)[] fields)
    {
        (string Name, string Value)[] credentials =
            [("Username", AdminClient.Username), ("AuthType", "SessionKey"), ("SessionKey", sessionKey)];
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Routes.CometApi}/{call}")
        {
            Content = new FormUrlEncodedContent(credentials.Concat(fields).Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
