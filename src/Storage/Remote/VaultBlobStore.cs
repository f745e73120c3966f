using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Halley.Storage.Remote;

/// <summary>
/// A vault on a server that speaks the restic REST protocol, version 2 or 1 (restic, doc/REST_backend.rst): a bucket of Halley, or restic's
/// own server. Files are streamed in both directions. Nothing is retried here: <see cref="BlobStoreException.IsTransient"/> marks the
/// failures that may be.
/// </summary>
/// <remarks>
/// The protocol does not distinguish the upload of a present file, so such an upload is <see cref="PutOutcome.Stored"/>.
/// A reader that is not read in order can't outlive the deletion of its file; it throws.
/// </remarks>
public sealed class VaultBlobStore : IBlobStore
{
    private const string Version2 = "application/vnd.x.restic.rest.v2";

    /// <summary>From this size on, the server may refuse an upload before its body is sent, at the price of one round trip.</summary>
    private const int AskFirstFrom = 64 * 1024;

    private readonly VaultCalls _calls;

    /// <summary>Creates the store. It opens no connection yet.</summary>
    /// <param name="http">
    /// Sends the requests; the caller keeps ownership. It should not follow redirects, which would take the secret elsewhere, and needs no
    /// timeout: an exchange without progress for two minutes fails.
    /// </param>
    /// <param name="vault">Address of the vault with a slash at its end, such as <c>https://example.com/vault/bucket/</c>.</param>
    /// <param name="username">Name for HTTP Basic: the id of the bucket.</param>
    /// <param name="secret">Password for HTTP Basic: a key of the bucket.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentException">The address does not end with a slash.</exception>
    public VaultBlobStore(HttpClient http, Uri vault, string username, string secret, TimeProvider time)
    {
        if (!vault.AbsolutePath.EndsWith('/') || vault.Query.Length > 0)
        {
            throw new ArgumentException("The address of a vault ends with a slash.", nameof(vault));
        }

        var credential = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{username}:{secret}"));
        _calls = new VaultCalls(http, vault, new AuthenticationHeaderValue("Basic", credential), time);
    }

    /// <summary>
    /// Creates the vault's folders where a server needs that, as restic's own does. A bucket of Halley has nothing to create.
    /// </summary>
    /// <exception cref="BlobStoreException">The server could not do it.</exception>
    public Task CreateAsync(CancellationToken cancellationToken) => _calls.RunAsync(
        async stall =>
        {
            using var answer = await _calls.SendAsync(HttpMethod.Post, "?create=true", stall);
            return answer.StatusCode == HttpStatusCode.OK ? true : throw await _calls.FailureAsync(answer, stall);
        },
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellationToken) => await _calls.RunAsync<long?>(
        async stall =>
        {
            using var answer = await _calls.SendAsync(HttpMethod.Head, name.ToString(), stall);
            return await IsPresentAsync(answer, stall) ? LengthOf(answer) : null;
        },
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellationToken) => await _calls.RunAsync<BlobReader?>(
        async stall =>
        {
            HttpResponseMessage? answer = await _calls.SendAsync(HttpMethod.Get, name.ToString(), stall);
            try
            {
                if (await IsPresentAsync(answer, stall))
                {
                    var download = new VaultReader.Download(answer, await answer.Content.ReadAsStreamAsync(stall.Token), position: 0);
                    var reader = new VaultReader(_calls, name, LengthOf(answer), download);
                    answer = null;
                    return reader;
                }

                return null;
            }
            finally
            {
                answer?.Dispose();
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? failure = null;
        var result = await _calls.RunAsync(
            async stall =>
            {
                using var body = new UploadBody(content, length, isHashed: name.Type == BlobType.Config, stall);
                try
                {
                    return new PutResult(await SendAsync(name, body, stall), body.Count);
                }
                catch (Exception) when (body.Failure is not null)
                {
                    failure = ExceptionDispatchInfo.Capture(body.Failure); // of the content, not of the network
                    return default;
                }
                catch (Exception) when (body.IsOfAnotherLength)
                {
                    return new PutResult(PutOutcome.LengthMismatch, body.Count);
                }
            },
            cancellationToken);
        failure?.Throw();
        return result;
    }

    /// <inheritdoc/>
    public async ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is not { } length)
        {
            return null;
        }

        return await _calls.RunAsync(
            async stall =>
            {
                using var answer = await _calls.SendAsync(HttpMethod.Delete, name.ToString(), stall);
                return answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound
                    ? length
                    : throw await _calls.FailureAsync(answer, stall);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellationToken) => type == BlobType.Config
        ? throw new ArgumentException("config is one file, not a collection.", nameof(type))
        : ReadListAsync(type, cancellationToken);

    private async IAsyncEnumerable<BlobEntry> ReadListAsync(BlobType type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var stall = _calls.Watch(cancellationToken);
        using var answer = await OpenListAsync(type, stall, cancellationToken);
        stall.Rest();
        if (answer is null)
        {
            yield break;
        }

        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        await using var files = JsonSerializer.DeserializeAsyncEnumerable(body, ListedFileJson.Default.ListedFile, stall.Token)
            .GetAsyncEnumerator(stall.Token);
        while (await MoveNextAsync(files, stall, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!BlobName.IsId(files.Current.Id))
            {
                continue; // unfinished uploads of restic's own server
            }

            var length = files.Current.Length ?? await FindAsync(BlobName.Of(type, files.Current.Id), cancellationToken);
            if (length is not null)
            {
                yield return new BlobEntry(files.Current.Id, length.Value);
            }
        }
    }

    /// <summary>Requests a listing; null for a collection that the server does not have.</summary>
    private async Task<HttpResponseMessage?> OpenListAsync(BlobType type, Stall stall, CancellationToken cancellationToken)
    {
        HttpResponseMessage? answer = null;
        try
        {
            answer = await _calls.SendAsync(
                HttpMethod.Get, BlobName.NameOf(type) + "/", stall, request => request.Headers.TryAddWithoutValidation("Accept", Version2));
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return answer;
            }

            // Other makers' servers have no packindex. Of a vault that exists, any other list must exist: an empty one would be short.
            if (answer.StatusCode == HttpStatusCode.NotFound
                && (type == BlobType.PackIndex || await FindAsync(BlobName.Config, cancellationToken) is null))
            {
                answer.Dispose();
                return null;
            }

            throw await _calls.FailureAsync(answer, stall);
        }
        catch (Exception failure)
        {
            answer?.Dispose();
            throw VaultCalls.IsOfTheNetwork(failure, cancellationToken) ? _calls.Offline(failure) : failure;
        }
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ListedFile> files, Stall stall, CancellationToken cancellationToken)
    {
        try
        {
            var next = files.MoveNextAsync();
            if (next.IsCompletedSuccessfully)
            {
                return next.Result;
            }

            stall.Touch();
            var isNext = await next;
            stall.Rest();
            return isNext;
        }
        catch (Exception failure) when (VaultCalls.IsOfTheNetwork(failure, cancellationToken))
        {
            throw _calls.Offline(failure); // also when it ended early: a short list would be taken for the truth
        }
    }

    private async Task<PutOutcome> SendAsync(BlobName name, UploadBody body, Stall stall)
    {
        using var answer = await _calls.SendAsync(
            HttpMethod.Post,
            name.ToString(),
            stall,
            request =>
            {
                request.Content = body;
                request.Headers.ExpectContinue = name.Type != BlobType.Config && body.Announced is null or >= AskFirstFrom;
            });
        if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.InsufficientStorage)
        {
            return answer.StatusCode == HttpStatusCode.OK ? PutOutcome.Stored : PutOutcome.NoSpace;
        }

        var (code, _) = await VaultCalls.ProblemAsync(answer, stall);
        return ((int)answer.StatusCode, code) switch
        {
            (400, "hash_mismatch" or "") => PutOutcome.HashMismatch,
            (400, _) => throw new BlobStoreException(BlobStoreFault.Offline, $"{_calls.Host} did not receive the whole file."),
            (403, "config_exists") => PutOutcome.Conflict,
            (403, "") => await ComparePresentAsync(name, body, stall.Token) ?? throw await _calls.FailureAsync(answer, stall),
            _ => throw await _calls.FailureAsync(answer, stall),
        };
    }

    /// <summary>
    /// Resolves a rejection without a code: restic's own server rejects every file that it already has. Null when it does not have it.
    /// </summary>
    private async Task<PutOutcome?> ComparePresentAsync(BlobName name, UploadBody body, CancellationToken cancellationToken)
    {
        using var reader = await OpenAsync(name, cancellationToken);
        if (reader is null || name.Type != BlobType.Config)
        {
            return reader is null ? null : PutOutcome.AlreadyPresent; // its name is its content's
        }

        var present = new byte[reader.Length];
        await reader.ReadAsync(0, present, cancellationToken);
        return SHA256.HashData(present).AsSpan().SequenceEqual(body.Hash) ? PutOutcome.AlreadyPresent : PutOutcome.Conflict;
    }

    private async Task<bool> IsPresentAsync(HttpResponseMessage answer, Stall stall) => answer.StatusCode switch
    {
        HttpStatusCode.OK => true,
        HttpStatusCode.NotFound => false,
        _ => throw await _calls.FailureAsync(answer, stall),
    };

    private long LengthOf(HttpResponseMessage answer) => answer.Content.Headers.ContentLength
        ?? throw new BlobStoreException(
            BlobStoreFault.Unsupported, $"{_calls.Host} doesn't say how long its files are. Does a proxy drop Content-Length?");
}
