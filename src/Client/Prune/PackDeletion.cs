using Halley.Client.Repository;
using Halley.Storage;

namespace Halley.Client.Prune;

/// <summary>Deletes packs, several at once.</summary>
internal sealed class PackDeletion(Vault vault, int total, Action<PruneProgress>? onProgress)
{
    private readonly Lock _gate = new();
    private int _done;

    public Task RunAsync(IEnumerable<BlobId> packs, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        packs,
        new ParallelOptions { MaxDegreeOfParallelism = vault.Options.Connections, CancellationToken = cancellationToken },
        async (pack, token) =>
        {
            await vault.DeleteAsync(BlobName.Of(BlobType.Data, pack.ToString()), token);
            lock (_gate)
            {
                onProgress?.Invoke(new(PruneStage.Deleting, ++_done, total));
            }
        });
}
