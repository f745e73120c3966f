using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Moves;

/// <summary>Files that are moved together: small ones of one folder, whose flushes are shared; a large one alone.</summary>
internal static class MoveGroups
{
    private const int MostFiles = 32;
    private const long MostBytes = 4 << 20;

    /// <summary>The files in groups, in the same order; of each group, all are in the same folder when the files come folder by folder.</summary>
    public static IEnumerable<IReadOnlyList<VolumeFile>> Of(IEnumerable<VolumeFile> files)
    {
        var (group, bytes) = (new List<VolumeFile>(), 0L);
        foreach (var file in files)
        {
            if (group.Count > 0 && (group.Count == MostFiles || bytes + file.Length > MostBytes || !file.IsBeside(group[0])))
            {
                yield return group;
                (group, bytes) = ([], 0);
            }

            group.Add(file);
            bytes += file.Length;
        }

        if (group.Count > 0)
        {
            yield return group;
        }
    }
}
