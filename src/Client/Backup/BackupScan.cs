using Halley.Client.Backup.FileSystem;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Backup;

/// <summary>
/// Counts what a backup will find, beside the backup, so that it can say how much is left. What it cannot read it leaves out: the backup
/// itself warns of that.
/// </summary>
internal sealed class BackupScan(BackupOptions options, IReadOnlyList<SourcePath> paths)
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
            foreach (var (_, path, only, fileSystem) in EntriesOf(directory.Path, isWay ? directory.Only : null, directory.FileSystem))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (TryStatus(path, followsLink: only is { IsWhole: false }) is not { } status
                    || (fileSystem is { } own && status.FileSystem != own))
                {
                    continue;
                }

                if (status.Type == NodeType.Directory)
                {
                    var isNamed = only is { IsWhole: true };
                    ahead.Push((path, only, options.IsOneFileSystem && isNamed ? status.FileSystem : fileSystem));
                }
                else if (status.Type == NodeType.File && (only is not null || !_selection.IsLeftOut(path, status)))
                {
                    (files, bytes) = (files + 1, bytes + (long)status.Size);
                }
            }
        }

        return (files, bytes);
    }

    private List<SourceEntry> EntriesOf(BytePath directory, PathTree? only, ulong? fileSystem)
    {
        try
        {
            return _selection.EntriesOf(directory, only, fileSystem);
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
