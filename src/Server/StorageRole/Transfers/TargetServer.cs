using Halley.Protocol;
using Halley.Protocol.Client;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>
/// The API of the other server, used as one of its administrators. A refusal becomes a <see cref="TransferException"/> that tells the
/// administrator what to do.
/// </summary>
internal sealed class TargetServer(HttpClient http, Uri address, TargetCredential credential, TimeProvider time)
{
    private const int LongestQuote = 300;
    private bool _isSignedIn;

    public HalleyClient Client { get; } = new(http, address, time) { Bearer = credential.Token };

    public string Host => Client.Host;

    /// <summary>Starts a session unless a token is used, and makes a request that only administrators may make.</summary>
    public async Task SignInAsync(CancellationToken cancellationToken)
    {
        if (credential.Token is null)
        {
            await GetAsync(Client.SignInAsync(new StartSession(credential.Username ?? "", credential.Password), cancellationToken));
        }

        await GetAsync(Client.ListBucketsAsync(cancellationToken, limit: 1));
        _isSignedIn = true;
    }

    /// <summary>Ends the session that was started here; a token stays valid.</summary>
    public async Task SignOutAsync(CancellationToken cancellationToken)
    {
        if (credential.Token is null && Client.Bearer is not null)
        {
            await DoAsync(Client.SignOutAsync(cancellationToken));
        }
    }

    /// <summary>The value of a call; null when the other server has no such thing.</summary>
    public async Task<T?> FindAsync<T>(Task<ApiResult<T>> call)
        where T : class
    {
        try
        {
            return (await call).TryGet(out var value, out var refusal) ? value : refusal.IsMissing ? null : throw FailureOf(refusal);
        }
        catch (HttpRequestException failure)
        {
            throw TransferException.Transient($"{Host} can't be reached, or the connection broke: {failure.Message}", failure);
        }
    }

    /// <summary>The value of a call that must have one.</summary>
    public async Task<T> GetAsync<T>(Task<ApiResult<T>> call)
        where T : class => await FindAsync(call)
            ?? throw new TransferException($"{Host} no longer has what it had a moment ago. Resume to try again.", "target_changed");

    /// <summary>Runs a call that returns no value. An object that is already gone needs no change.</summary>
    public async Task DoAsync(Task<ApiRefusal?> call)
    {
        try
        {
            if (await call is { IsMissing: false } refusal)
            {
                throw FailureOf(refusal);
            }
        }
        catch (HttpRequestException failure)
        {
            throw TransferException.Transient($"{Host} can't be reached, or the connection broke: {failure.Message}", failure);
        }
    }

    private TransferException FailureOf(ApiRefusal refusal)
    {
        var (status, code, detail) = refusal;
        var reason = code.Length == 0 ? $"{status}" : code;
        var quote = detail.Length == 0 ? "" : $": {(detail.Length > LongestQuote ? detail[..LongestQuote] + "…" : detail)}";
        return status switch
        {
            // there will be a new one
            401 when _isSignedIn && credential.Token is null => TransferException.Transient($"The session on {Host} has ended."),
            401 => new($"{Host} rejects the credential ({reason}). It needs an API token of an administrator there with the scope buckets.",
                TransferException.CredentialRefused),
            403 => new($"{Host} doesn't allow it ({reason}){quote}", code.Length == 0 ? "target_refused" : code),
            507 => new($"{Host} has no room for the bucket ({reason}){quote} Make room there, then resume.", "target_full"),
            _ when refusal.IsTransient => TransferException.Transient($"{Host} can't do it now ({reason}){quote}"),
            < 400 => new($"{Host} redirects elsewhere. Give the address that it redirects to.", "target_invalid"),
            _ when code.Length == 0 =>
                new($"{Host} does not respond as a server of this kind ({status}). Check its address.", "target_invalid"),
            _ => new($"{Host} refused it ({code}){quote}", code),
        };
    }
}
