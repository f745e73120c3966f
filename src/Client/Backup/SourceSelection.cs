using System.Text;
using Halley.Client.Backup.FileSystem;
using Halley.Client.Repository.Trees;
using Halley.Client.Selection;

namespace Halley.Client.Backup;

/// <summary>
/// Decides what in a directory is backed up: by rules, markers, size and partial directories. What a path of the backup names is not
/// asked about.
/// </summary>
/// <param name="options">What is left out.</param>
/// <param name="warn">Receives what could not be found out.</param>
internal sealed class SourceSelection(BackupOptions options, Action<BytePath, string> warn)
{
    private readonly List<byte[]> _whole = [.. options.Paths.Select(BytesOf)];
    private readonly List<(byte[] Directory, PathRule Rule)> _partial =
        [.. options.Partial.Select(directory => (BytesOf(directory.Path), directory.Rule))];

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

    /// <summary>True for something else than a directory that is left out: a file for its size, anything for its place.</summary>
    public bool IsLeftOut(BytePath path, in FileStatus status) =>
        (options.LargestFile is { } largest && status.Type == NodeType.File && status.Size > (ulong)largest)
        || (_partial.Count > 0 && !_whole.Exists(whole => IsBelow(path, whole, out _)) && !MatchesPartial(path));

    private bool MatchesPartial(BytePath path)
    {
        foreach (var (directory, rule) in _partial)
        {
            if (IsBelow(path, directory, out var rest) && rule.Matches(rest))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsBelow(BytePath path, byte[] directory, out ReadOnlySpan<byte> rest)
    {
        rest = path.Bytes.StartsWith(directory) ? path.Bytes[directory.Length..] : default;
        return rest is [(byte)'/', ..];
    }

    // Without a slash at the end: that of the root is empty.
    private static byte[] BytesOf(string path) => Encoding.UTF8.GetBytes(Path.GetFullPath(path).TrimEnd('/'));

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
