using System.Net;
using System.Text.Json;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>Requests to the other server: what can go wrong on the way becomes a <see cref="TargetException"/>, and none waits for ever.</summary>
internal sealed class TargetCalls(HttpClient http, Uri address, TimeProvider time)
{
    /// <summary>Longest piece of the other server's answer that is repeated to an administrator.</summary>
    private const int LongestQuote = 300;
    private const int LongestProblem = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public string Host => address.Authority;

    public Uri Of(string path) => new(address, path.TrimStart('/'));

    /// <summary>Sends a request and hands the answer, of which only the head is there yet, to a reader.</summary>
    /// <param name="request">The request.</param>
    /// <param name="read">Reads the answer; it is given what to call whenever something came, for an answer that takes long.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="stall">Shared with the body that is being sent; null for one of its own.</param>
    public async Task<T> SendAsync<T>(
        HttpRequestMessage request, Func<HttpResponseMessage, Stall, Task<T>> read, CancellationToken cancellationToken, Stall? stall = null)
    {
        using var own = stall is null ? NewStall(Patience, cancellationToken) : null;
        stall ??= own!;
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token);
            stall.Touch();
            return await read(answer, stall);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TargetException.Passing($"{Host} does not answer.");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException and not Halley.Storage.BlobStoreException)
        {
            throw TargetException.Passing($"{Host} cannot be reached, or the connection to it broke: {failure.Message}", failure);
        }
        catch (Exception failure) when (failure is JsonException or NotSupportedException)
        {
            throw TargetException.Passing($"{Host} gave an answer that ends early or that this server does not understand.", failure);
        }
    }

    public Stall NewStall(TimeSpan patience, CancellationToken cancellationToken) => new(patience, time, cancellationToken);

    /// <summary>What an answer says that is no success.</summary>
    public async Task<TargetException> RefusalOfAsync(HttpResponseMessage answer)
    {
        var (code, detail) = await ProblemOfAsync(answer);
        var quote = detail.Length == 0 ? "" : $": {(detail.Length > LongestQuote ? detail[..LongestQuote] + "…" : detail)}";
        return (int)answer.StatusCode switch
        {
            401 => new TargetException(
                $"{Host} refuses the credential ({(code.Length == 0 ? "401" : code)}). An API token of an administrator there with the scope buckets is enough.",
                TargetException.CredentialRefused),
            403 => new TargetException($"{Host} does not allow it ({(code.Length == 0 ? "403" : code)}){quote}", code.Length == 0 ? "target_refused" : code),
            507 => new TargetException($"{Host} has no room for the bucket ({code}){quote} Make room there, then resume.", "target_full"),
            408 or 425 or 429 or >= 500 => TargetException.Passing($"{Host} cannot do it now ({(int)answer.StatusCode} {code}){quote}"),
            >= 300 and < 400 => new TargetException($"{Host} leads elsewhere. Give the address it leads to.", "target_invalid"),
            _ when code.Length == 0 => new TargetException(
                $"{Host} answers, but not as a server of this kind ({(int)answer.StatusCode}). Check its address.", "target_invalid"),
            _ => new TargetException($"{Host} refused it ({code}){quote}", code),
        };
    }

    public static async Task<string> CodeOfAsync(HttpResponseMessage answer) => (await ProblemOfAsync(answer)).Code;

    public static bool Is(HttpResponseMessage answer, HttpStatusCode status) => answer.StatusCode == status;

    private static async Task<(string Code, string Detail)> ProblemOfAsync(HttpResponseMessage answer)
    {
        try
        {
            await answer.Content.LoadIntoBufferAsync(LongestProblem);
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            return (TextOf(problem, "code"), TextOf(problem, "detail"));
        }
        catch (Exception failure) when (failure is JsonException or HttpRequestException or InvalidOperationException)
        {
            return ("", "");
        }
    }

    private static string TextOf(JsonDocument problem, string name) =>
        problem.RootElement.ValueKind == JsonValueKind.Object && problem.RootElement.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : "";
}

/// <summary>Gives a request up that does not get on any more, however long it may take as a whole.</summary>
internal sealed class Stall : IDisposable
{
    private readonly TimeSpan _patience;
    private readonly CancellationTokenSource _patienceEnds;
    private readonly CancellationTokenSource _both;

    public Stall(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        _patience = patience;
        _patienceEnds = new CancellationTokenSource(patience, time);
        _both = CancellationTokenSource.CreateLinkedTokenSource(_patienceEnds.Token, cancellationToken);
    }

    public CancellationToken Token => _both.Token;

    public void Touch() => _patienceEnds.CancelAfter(_patience);

    public void Dispose()
    {
        _both.Dispose();
        _patienceEnds.Dispose();
    }
}
