using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Packs;

namespace Halley.Client.Prune;

/// <summary>Copies the blobs of packs that stay into new packs. Each is decoded and verified on its way, and stored as it was.</summary>
internal sealed class Repacking(Vault vault, VaultIndex index, Func<int, bool> keeps, Func<PackedBlob, bool> mustCompress)
{
    /// <summary>Copies; on return the new packs are on the store and in an index.</summary>
    /// <param name="packs">The old packs.</param>
    /// <param name="onPack">Receives the number of packs done.</param>
    /// <param name="cancellationToken">Cancels; the old packs are still there.</param>
    /// <exception cref="VaultException">A blob is damaged in each pack that holds it, or the store is full.</exception>
    public async Task RunAsync(IReadOnlyList<IndexedPack> packs, Action<int>? onPack, CancellationToken cancellationToken)
    {
        await using var writer = vault.CreatePackWriter(index);
        var gate = new Lock();
        var done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = vault.Options.Connections, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(packs, options, async (pack, token) =>
        {
            await CopyAsync(pack, writer, token);
            lock (gate)
            {
                onPack?.Invoke(++done);
            }
        });
        await writer.FinishAsync(cancellationToken);
    }

    private async ValueTask CopyAsync(IndexedPack old, PackWriter writer, CancellationToken cancellationToken)
    {
        using var pack = await vault.OpenPackAsync(old.Id, cancellationToken)
            ?? throw VaultException.Missing(Storage.BlobName.Of(Storage.BlobType.Data, old.Id.ToString()));
        using var decoder = vault.CreateDecoder();
        using var encoder = vault.CreateEncoder();
        var blobs = old.Blobs.Where(entry => keeps(entry.Number)).Select(entry => entry.Blob).OrderBy(blob => blob.Offset).ToList();
        await pack.ReadSealedAsync(
            blobs, decoder,
            async (blob, sealedText) =>
            {
                if (blob.Damage == BlobDamage.None && !mustCompress(blob.Blob))
                {
                    await writer.CopyAsync(blob.Blob, sealedText, cancellationToken);
                    return;
                }

                // Of a damaged blob there may be another copy. If there is none, this throws, and nothing has been removed yet.
                var (kind, id) = (blob.Blob.Kind, blob.Blob.Id);
                var plain = blob.Damage == BlobDamage.None
                    ? blob.Plain
                    : await vault.ReadBlobAsync(index, kind, id, cancellationToken);
                var encoded = encoder.Encode(kind, id, plain.Span, out var anew);
                await writer.CopyAsync(encoded, anew, cancellationToken);
            },
            cancellationToken);
    }
}
