using Halley.Client.Accounts;
using Halley.Client.Repository;
using Halley.Protocol;
using Halley.Protocol.Client;
using Halley.Storage;

namespace Halley.Client.Checking;

/// <summary>
/// Lets a Halley server read the packs of its bucket and compare them with their names, so that nothing is downloaded. Other servers cannot
/// do that. It finds what changed since a pack was written, but not what was wrong from the beginning, since the server has no key.
/// </summary>
public sealed class ServerCheck
{
    private const int Batch = 16; // a proxy waits a minute for the response, and a busy disk reads slowly
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly HalleyClient _server;
    private readonly string _bucketId;
    private readonly string _key;

    private ServerCheck(HalleyClient server, string bucketId, string key) => (_server, _bucketId, _key) = (server, bucketId, key);

    /// <summary>The server of a vault; null for a place that is no bucket of a Halley server.</summary>
    /// <param name="place">Where the vault is, with a key of the bucket; each key will do.</param>
    /// <param name="http">Sends the requests; the caller keeps ownership.</param>
    /// <param name="time">The clock.</param>
    public static ServerCheck? Of(VaultPlace place, HttpClient http, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(place);
        return place.BucketServer is { } server
            ? new ServerCheck(new HalleyClient(http, server, time), place.UserName, place.Secret)
            : null;
    }

    /// <summary>Verifies packs.</summary>
    /// <returns>Packs that the server could not judge, because they were being moved; they are left to the client.</returns>
    /// <exception cref="VaultException">The server refuses, or does not know such a request.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    internal async Task<List<BlobId>> RunAsync(
        IReadOnlyList<BlobId> packs, CheckFindings findings, Action<int, int>? onPack, CancellationToken cancellationToken)
    {
        var (left, done) = (new List<BlobId>(), 0);
        foreach (var batch in packs.Chunk(Batch))
        {
            var names = batch.Select(pack => $"{BlobName.NameOf(BlobType.Data)}/{pack}").ToList();
            var verified = await RereadAsync(new RereadFiles(names), cancellationToken);
            foreach (var (pack, file) in batch.Zip(verified.Items))
            {
                if (file.Result == RereadResult.Unsettled)
                {
                    left.Add(pack);
                }
                else
                {
                    Add(findings, pack, file);
                }

                onPack?.Invoke(++done, packs.Count);
            }
        }

        return left;
    }

    private async Task<FilesVerified> RereadAsync(RereadFiles request, CancellationToken cancellationToken)
    {
        var start = _server.Time.GetTimestamp();
        bool MayTryAgain() => _server.Time.GetElapsedTime(start) <= Patience;
        while (true)
        {
            try
            {
                var answer = await _server.RereadFilesAsync(_bucketId, _key, request, cancellationToken);
                if (answer.TryGet(out var verified, out var refusal))
                {
                    return verified;
                }

                if (!refusal.IsTransient || !MayTryAgain())
                {
                    var reason = refusal.Detail.Length > 0 ? refusal.Detail : $"It returned status {refusal.Status}.";
                    throw new VaultException(VaultFault.Unsupported, $"{_server.Host} did not check the files: {reason}");
                }
            }
            catch (HttpRequestException) when (MayTryAgain())
            {
                // The server restarts, or the connection broke. Files can be read again any number of times.
            }

            await Task.Delay(Pause, _server.Time, cancellationToken);
        }
    }

    private static void Add(CheckFindings findings, BlobId pack, VerifiedFile file)
    {
        var name = BlobName.Of(BlobType.Data, pack.ToString());
        if (!file.Present && file.Result is null)
        {
            findings.Add(
                VaultFindingKind.MissingPack, name, $"{name} is missing. Get it from a copy of the vault, or run `halley repair`.");
        }
        else if (file.Result != RereadResult.Right)
        {
            findings.Add(
                VaultFindingKind.DamagedPack, name,
                $"{name} is damaged: its content is not what its name says. The server has put it into quarantine. "
                + "Get it from a copy of the vault, or run `halley repair`.");
        }
    }
}
