using System.Globalization;
using System.Text;
using Halley.Client.Backup.FileSystem;
using Halley.Client.Repository.Trees;
using Halley.Client.Selection;

namespace Halley.Client.Backup;

/// <summary>An entry of a directory that is backed up.</summary>
/// <param name="Name">Its name in the snapshot.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Only">What of it is backed up; null for all that the rules allow.</param>
/// <param name="FileSystem">The file system to stay on; null for any.</param>
internal readonly record struct SourceEntry(byte[] Name, BytePath Path, PathTree? Only, ulong? FileSystem);

/// <summary>
/// Decides what in a directory is backed up: by rules, markers, size and partial directories. What a path of the backup names is not
/// asked about.
/// </summary>
/// <param name="options">What is left out.</param>
/// <param name="warn">Receives what could not be found out.</param>
internal sealed class SourceSelection(BackupOptions options, Action<BytePath, string> warn)
{
    private readonly List<byte[]> _whole = [.. options.Paths.Select(path => BytesOf(path, options))];
    private readonly List<(byte[] Directory, PathRule Rule)> _partial =
        [.. options.Partial.Select(directory => (BytesOf(directory.Path, options), directory.Rule))];

    /// <summary>The entries of a directory that are backed up, in the order of bytes.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="only">What of it is backed up; null for all that the rules allow.</param>
    /// <param name="fileSystem">The file system to stay on; null for any.</param>
    /// <exception cref="SourceException">It cannot be listed.</exception>
    public List<SourceEntry> EntriesOf(BytePath directory, PathTree? only, ulong? fileSystem)
    {
        if (only is null)
        {
            return ListEntries(directory, fileSystem);
        }

        var entries = only.Children.Select(child => new SourceEntry(child.Name, child.Child.Path, child.Child, fileSystem)).ToList();
        foreach (var start in only.WholeStarts)
        {
            var listed = ListEntries(start, options.IsOneFileSystem ? LinuxFiles.Status(start).FileSystem : null);
            entries.RemoveAll(way => way.Only is { IsWhole: false } && listed.Exists(entry => IsSame(entry.Path, way.Path)));
            listed.RemoveAll(entry => entries.Exists(whole => IsSame(entry.Path, whole.Path)));
            entries.AddRange(listed.Select(entry => entry with { Name = UniqueName(entry.Name, entries) }).ToList());
        }

        entries.Sort(static (left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name));
        return entries;
    }

    private List<SourceEntry> ListEntries(BytePath directory, ulong? fileSystem) =>
        [.. Select(directory, LinuxFiles.List(directory)).Select(name => new SourceEntry(name, directory.Join(name), null, fileSystem))];

    private IEnumerable<byte[]> Select(BytePath directory, List<byte[]> names)
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
    private static byte[] BytesOf(string path, BackupOptions options) =>
        Encoding.UTF8.GetBytes(Path.GetFullPath(path, options.Directory).TrimEnd('/'));

    private static bool IsSame(BytePath left, BytePath right) => left.Bytes.SequenceEqual(right.Bytes);

    // As for paths: of two entries of one name in different directories, the second gets a number.
    private static byte[] UniqueName(byte[] name, List<SourceEntry> entries)
    {
        var unique = name;
        for (var number = 1; entries.Exists(entry => entry.Name.AsSpan().SequenceEqual(unique)); number++)
        {
            unique = [.. name, .. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"-{number}"))];
        }

        return unique;
    }

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
