using System.Text;
using Halley.Client.Backup.FileSystem;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Backup;

/// <summary>
/// Decides what in a directory is backed up: by rules, markers and size. What a path of the backup names is not asked about.
/// </summary>
/// <param name="options">What is left out.</param>
/// <param name="warn">Receives what could not be found out.</param>
internal sealed class SourceSelection(BackupOptions options, Action<BytePath, string> warn)
{
    /// <summary>The names in a directory that are backed up.</summary>
    public IEnumerable<byte[]> Select(BytePath directory, List<byte[]> names)
    {
        var markers = options.Markers.Where(marker => IsMarked(directory, names, marker)).ToList();
        if (markers.Count > 0)
        {
            return names.Where(name => markers.TrueForAll(marker => name.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(marker.FileName))));
        }

        return options.Rules.Count == 0 ? names : names.Where(name => !IsExcluded(directory.Join(name).Bytes));
    }

    /// <summary>True for a file that is left out for its size.</summary>
    public bool IsTooLarge(in FileStatus status) =>
        options.LargestFile is { } largest && status.Type == NodeType.File && status.Size > (ulong)largest;

    private bool IsExcluded(ReadOnlySpan<byte> path)
    {
        var isExcluded = false;
        foreach (var rule in options.Rules)
        {
            if (isExcluded == rule.IsInclusion && rule.Matches(path))
            {
                isExcluded = !rule.IsInclusion;
            }
        }

        return isExcluded;
    }

    private bool IsMarked(BytePath directory, List<byte[]> names, BackupMarker marker)
    {
        var fileName = Encoding.UTF8.GetBytes(marker.FileName);
        if (!names.Exists(name => name.AsSpan().SequenceEqual(fileName)))
        {
            return false;
        }

        var header = Encoding.UTF8.GetBytes(marker.Header);
        if (header.Length == 0)
        {
            return true;
        }

        var path = directory.Join(fileName);
        try
        {
            using var file = LinuxFiles.Open(path);
            return LinuxFiles.Status(file).Type == NodeType.File && LinuxFiles.StartsWith(file, header);
        }
        catch (SourceException error)
        {
            warn(path, error.Message);
            return false;
        }
    }
}
