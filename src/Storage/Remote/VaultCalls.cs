using System.Net.Http.Headers;
using System.Text.Json;

namespace Halley.Storage.Remote;

/// <summary>
/// Exchanges with the server of a vault. Every failure becomes a <see cref="BlobStoreException"/> of the right kind. No exchange waits
/// forever.
/// </summary>
internal sealed class VaultCalls(HttpClient http, Uri vault, AuthenticationHeaderValue credential, TimeProvider time)
{
    /// <summary>Characters of the server's own explanation that a message repeats.</summary>
    private const int LongestQuote = 300;
    private const int LongestProblem = 64 * 1024;

    public string Host => vault.Authority;

    public Stall Watch(CancellationToken cancellationToken) => new(time, cancellationToken);

    /// <summary>Runs an exchange and classifies its failure.</summary>
    public async Task<T> RunAsync<T>(Func<Stall, Task<T>> exchange, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var stall = Watch(cancellationToken);
        try
        {
            return await exchange(stall);
        }
        catch (Exception failure) when (IsOfTheNetwork(failure, cancellationToken))
        {
            throw Offline(failure);
        }
    }

    /// <summary>Sends a request and returns once the head of the response has arrived.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, Stall stall, Action<HttpRequestMessage>? prepare = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(vault, path))
        {
            Version = http.DefaultRequestVersion,
            VersionPolicy = http.DefaultVersionPolicy,
            Headers = { Authorization = credential },
        };
        prepare?.Invoke(request);
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token);
        request.Content = null; // stays the caller's
        stall.Touch();
        return answer;
    }

    /// <summary>
    /// True for a broken connection, a stalled server, and an unreadable response; false for a cancellation by the caller.
    /// </summary>
    public static bool IsOfTheNetwork(Exception failure, CancellationToken cancellationToken) => failure switch
    {
        BlobStoreException => false,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => failure is HttpRequestException or IOException or JsonException,
    };

    public BlobStoreException Offline(Exception failure) => new(
        BlobStoreFault.Offline,
        failure is OperationCanceledException
            ? $"{Host} stopped responding."
            : $"{Host} can't be reached, or the connection broke: {failure.Message}",
        failure);

    /// <summary>The failure that a status stands for, when the caller has no other meaning for it.</summary>
    public async Task<BlobStoreException> FailureAsync(HttpResponseMessage answer, Stall stall)
    {
        var status = (int)answer.StatusCode;
        var (code, detail) = await ProblemAsync(answer, stall);
        var quote = $"({(code.Length == 0 ? status : code)}){(detail.Length == 0 ? "." : $": {detail}")}";
        return status switch
        {
            401 => new(BlobStoreFault.Unauthorized, $"{Host} doesn't accept the credential {quote}"),
            403 => new(BlobStoreFault.Forbidden, $"{Host} doesn't allow it {quote}")
            {
                MovedTo = code == "bucket_moved" && answer.Headers.Location is { IsAbsoluteUri: true } address ? address : null,
            },
            408 or 425 or 429 or 502 or 503 or 504 => new(BlobStoreFault.Offline, $"{Host} can't do it now {quote}"),
            413 => new(BlobStoreFault.Unsupported, $"{Host} doesn't take files of this size {quote}"),
            >= 500 and not 501 and not 505 => new(BlobStoreFault.DiskError, $"{Host} reported an error {quote}"),
            >= 300 and < 400 =>
                new(BlobStoreFault.Unsupported, $"{Host} redirects elsewhere ({status}). Use the address that it redirects to."),
            _ => new(BlobStoreFault.Unsupported, $"{Host} doesn't respond as a vault of this kind {quote}"),
        };
    }

    /// <summary>Code and explanation of an error response; empty when the server sends none, as other vendors' servers do.</summary>
    public static async Task<(string Code, string Detail)> ProblemAsync(HttpResponseMessage answer, Stall stall)
    {
        try
        {
            await answer.Content.LoadIntoBufferAsync(LongestProblem, stall.Token);
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(stall.Token));
            var detail = Text(problem.RootElement, "detail");
            return (Text(problem.RootElement, "code"), detail.Length > LongestQuote ? detail[..LongestQuote] + "…" : detail);
        }
        catch (Exception failure) when (failure is JsonException or HttpRequestException)
        {
            return ("", "");
        }
    }

    private static string Text(JsonElement problem, string name) =>
        problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : "";
}
