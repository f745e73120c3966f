using Halley.Client.Backup.FileSystem;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Backup;

/// <summary>
/// Counts what a backup will find, beside the backup, so that it can say how much is left. What it cannot read it leaves out: the backup
/// itself warns of that.
/// </summary>
internal sealed class BackupScan(BackupOptions options, IReadOnlyList<string> paths)
{
    private readonly SourceSelection _selection = new(options, static (_, _) => { });

    /// <summary>The number of files and the bytes in them.</summary>
    public (long Files, long Bytes) Run(CancellationToken cancellationToken)
    {
        var (files, bytes) = (0L, 0L);
        var ahead = new Stack<(BytePath Path, PathTree? Only, ulong? FileSystem)>();
        ahead.Push((BytePath.Root, PathTree.Of(paths), null));
        while (ahead.TryPop(out var directory))
        {
            var isWay = directory.Only is { IsWhole: false };
            foreach (var (name, only) in EntriesOf(directory.Path, isWay ? directory.Only : null))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var path = directory.Path.Join(name);
                if (TryStatus(path, followsLink: only is { IsWhole: false }) is not { } status
                    || (directory.FileSystem is { } fileSystem && status.FileSystem != fileSystem))
                {
                    continue;
                }

                if (status.Type == NodeType.Directory)
                {
                    var isNamed = only is { IsWhole: true };
                    ahead.Push((path, only, options.IsOneFileSystem && isNamed ? status.FileSystem : directory.FileSystem));
                }
                else if (status.Type == NodeType.File && (only is not null || !_selection.IsLeftOut(path, status)))
                {
                    (files, bytes) = (files + 1, bytes + (long)status.Size);
                }
            }
        }

        return (files, bytes);
    }

    private List<(byte[] Name, PathTree? Only)> EntriesOf(BytePath directory, PathTree? only)
    {
        try
        {
            return only is not null
                ? [.. only.Children.Select(child => (child.Name, (PathTree?)child.Child))]
                : [.. _selection.Select(directory, LinuxFiles.List(directory)).Select(name => (name, (PathTree?)null))];
        }
        catch (SourceException)
        {
            return [];
        }
    }

    private static FileStatus? TryStatus(BytePath path, bool followsLink)
    {
        try
        {
            return LinuxFiles.Status(path, followsLink);
        }
        catch (SourceException)
        {
            return null;
        }
    }
}
