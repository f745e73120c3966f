using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>The other server's API as one of its administrators uses it.</summary>
internal sealed class TargetServer(TargetCalls calls, TargetCredential credential)
{
    /// <summary>Reading again some gigabytes on a busy disk takes its time.</summary>
    private static readonly TimeSpan PatienceForReading = TimeSpan.FromMinutes(30);
    private string? _bearer = credential.Token;
    private bool _isSignedIn;

    public TargetCalls Calls => calls;

    /// <summary>Starts a session when there is no token, and asks for something that only administrators may see.</summary>
    public async Task SignInAsync(CancellationToken cancellationToken)
    {
        if (credential.Token is null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, calls.Of(Routes.Sessions))
            {
                Content = JsonContent.Create(new StartSession(credential.Username ?? "", credential.Password)),
            };
            _bearer = (await calls.SendAsync(request, ReadAsync<SessionStarted>, cancellationToken))?.SessionKey;
        }

        await GetAsync<Page<BucketInfo>>($"{Routes.Buckets}?limit=1", cancellationToken);
        _isSignedIn = true;
    }

    /// <summary>Ends the session that was started here; a token stays as it is.</summary>
    public async Task SignOutAsync(CancellationToken cancellationToken)
    {
        if (credential.Token is null && _bearer is not null)
        {
            await DeleteAsync(Routes.CurrentSession, cancellationToken);
        }
    }

    public Task<T?> GetAsync<T>(string path, CancellationToken cancellationToken)
        where T : class => AskAsync<T>(HttpMethod.Get, path, null, cancellationToken);

    public async Task<T> PostAsync<T>(string path, object body, CancellationToken cancellationToken)
        where T : class => await AskAsync<T>(HttpMethod.Post, path, body, cancellationToken)
            ?? throw new TargetException($"{calls.Host} does not know what it had a moment ago. Resume to try again.", "target_changed");

    public Task PatchAsync(string path, object body, CancellationToken cancellationToken) => AskAsync<object>(HttpMethod.Patch, path, body, cancellationToken);

    /// <summary>Deletes something; that it is gone already is as good.</summary>
    public Task DeleteAsync(string path, CancellationToken cancellationToken) => AskAsync<object>(HttpMethod.Delete, path, null, cancellationToken);

    public async Task<FilesVerified> VerifyAsync(string bucketId, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, Routes.BucketVerify.Replace("{bucketId}", bucketId, StringComparison.Ordinal), new VerifyFiles(names, Reread: true));
        using var stall = calls.NewStall(PatienceForReading, cancellationToken);
        return await calls.SendAsync(request, ReadAsync<FilesVerified>, cancellationToken, stall)
            ?? throw new TargetException($"{calls.Host} does not have the bucket any more.", "target_changed");
    }

    private async Task<T?> AskAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
        where T : class
    {
        using var request = Request(method, path, body);
        return await calls.SendAsync(request, ReadAsync<T>, cancellationToken);
    }

    private HttpRequestMessage Request(HttpMethod method, string path, object? body) => new(method, calls.Of(path))
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", _bearer) },
        Content = body is null ? null : JsonContent.Create(body, body.GetType()),
    };

    private async Task<T?> ReadAsync<T>(HttpResponseMessage answer, Stall stall)
        where T : class
    {
        if (answer.StatusCode == HttpStatusCode.NotFound && await TargetCalls.CodeOfAsync(answer) is { Length: > 0 } and not "not_found")
        {
            return null;
        }

        if (!answer.IsSuccessStatusCode)
        {
            // A session may end while the work goes on; then there will be a new one.
            throw answer.StatusCode == HttpStatusCode.Unauthorized && _isSignedIn && credential.Token is null
                ? TargetException.Passing($"The session on {calls.Host} has ended.")
                : await calls.RefusalOfAsync(answer);
        }

        return answer.StatusCode == HttpStatusCode.NoContent
            ? null
            : await answer.Content.ReadFromJsonAsync<T>(JsonSerializerOptions.Web, stall.Token);
    }
}
