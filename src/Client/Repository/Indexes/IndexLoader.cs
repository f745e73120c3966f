using Halley.Client.Repository.Caching;
using Halley.Client.Repository.Files;
using Halley.Client.Repository.Packs;
using Halley.Storage;

namespace Halley.Client.Repository.Indexes;

/// <summary>Reads all index files of a vault into one table.</summary>
internal static class IndexLoader
{
    private const int Attempts = 5;

    /// <summary>
    /// Reads several files at once, and takes the packs that are accepted. A file that vanishes meanwhile was replaced by others, so
    /// everything is read again.
    /// </summary>
    public static async ValueTask<VaultIndex> LoadAsync(
        VaultFiles files, MetadataCache? cache, int connections, Action<VaultException> onDamage, Func<BlobId, bool>? accepts,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var entries = await files.ListAsync(BlobType.Index, cancellationToken);
            if (cache is not null)
            {
                await cache.KeepOnlyAsync(BlobType.Index, entries.Select(entry => entry.Id).ToHashSet(), cancellationToken);
            }

            var index = new VaultIndex();
            if (await TryLoadAsync(files, index, entries, connections, onDamage, accepts, cancellationToken) is not { } vanished)
            {
                return index;
            }

            if (attempt == Attempts)
            {
                throw VaultException.Missing(vanished);
            }
        }
    }

    private static async ValueTask<BlobName?> TryLoadAsync(
        VaultFiles files, VaultIndex index, List<BlobEntry> entries, int connections, Action<VaultException> onDamage,
        Func<BlobId, bool>? accepts, CancellationToken cancellationToken)
    {
        BlobName? vanished = null;
        var options = new ParallelOptions { MaxDegreeOfParallelism = connections, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(entries, options, async (entry, token) =>
        {
            var name = BlobName.Of(BlobType.Index, entry.Id);
            try
            {
                var file = await files.TryReadAsync(name, text => IndexJson.Read(name, text.Span, Add), token);
                if (file is null)
                {
                    lock (index)
                    {
                        vanished = name;
                    }

                    return;
                }

                index.AddFile(file);
            }
            catch (VaultException error)
            {
                lock (index)
                {
                    onDamage(error);
                }
            }
        });
        return vanished;

        void Add(in BlobId pack, ReadOnlySpan<PackedBlob> blobs)
        {
            if (accepts?.Invoke(pack) != false)
            {
                index.AddPack(pack, blobs);
            }
        }
    }
}
