using Halley.Client.Repository.Files;
using Halley.Storage;

namespace Halley.Client.Repository.Indexes;

/// <summary>
/// Replaces index files: to remove packs, to add packs that were found, or to merge many files into few. The new files are on the store
/// before an old one is deleted. After a crash at any point, each pack that stays is therefore still in an index.
/// </summary>
internal static class IndexRewrite
{
    /// <summary>Files that are full, and not so large that a reader struggles, stay as they are when all their packs do.</summary>
    private const int LargestKept = 10 * IndexWriter.FullAt;

    /// <param name="files">The files of the vault.</param>
    /// <param name="index">The loaded index, with all packs that were found since.</param>
    /// <param name="stays">Whether a pack stays in the index.</param>
    /// <param name="bad">Index files that are to be replaced in any case: unreadable ones, and those that say something wrong.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels; files already written are valid.</param>
    /// <returns>False when nothing had to be done.</returns>
    public static async ValueTask<bool> RunAsync(
        VaultFiles files, VaultIndex index, Func<BlobId, bool> stays, IReadOnlyCollection<BlobId> bad, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (kept, replaced) = Divide(index, stays, bad);
        var covered = kept.SelectMany(file => file.Packs).ToHashSet();
        var packs = index.Packs.Where(pack => stays(pack.Id) && !covered.Contains(pack.Id)).ToList();
        if (bad.Count == 0 && IsAlready(replaced, packs))
        {
            return false;
        }

        var writer = new IndexWriter(files, index, time);
        foreach (var pack in packs)
        {
            await writer.AddAsync(pack, cancellationToken);
        }

        await writer.FlushAsync(cancellationToken);
        foreach (var id in replaced.Select(file => file.Id).Union(bad))
        {
            await files.DeleteAsync(BlobName.Of(BlobType.Index, id.ToString()), cancellationToken);
        }

        return true;
    }

    private static (List<IndexFile> Kept, List<IndexFile> Replaced) Divide(
        VaultIndex index, Func<BlobId, bool> stays, IReadOnlyCollection<BlobId> bad)
    {
        var (kept, replaced) = (new List<IndexFile>(), new List<IndexFile>());
        foreach (var file in index.Files)
        {
            var isGood = file.BlobCount is >= IndexWriter.FullAt and <= LargestKept && !bad.Contains(file.Id) && file.Packs.All(stays);
            (isGood ? kept : replaced).Add(file);
        }

        return (kept, replaced);
    }

    // One file that is not full may remain if it names exactly the packs to be named.
    private static bool IsAlready(List<IndexFile> replaced, List<IndexedPack> packs) =>
        replaced.Count <= 1 && packs.Select(pack => pack.Id).ToHashSet().SetEquals(replaced.SelectMany(file => file.Packs));
}
