using System.Runtime.CompilerServices;
using Halley.Client.Backup.FileSystem;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Backup;

/// <summary>A file whose content must be read, and its place in its directory.</summary>
internal readonly record struct FileJob(PendingDirectory Directory, int Place, BytePath Path, ReadOnlyMemory<byte> Name, Node? Before);

/// <summary>
/// Walks through the file system, compares it with the snapshot before, and finds the files that must be read. Everything else it does
/// itself.
/// </summary>
internal sealed class TreeWalk(
    Vault vault, VaultIndex index, BackupOptions options, BackupTally tally, NodeSource source, Func<PendingDirectory, ValueTask> complete)
{
    private readonly SourceSelection _selection = new(options, tally.Warn);

    /// <summary>Walks. A file's directory is held until the file is done.</summary>
    public async IAsyncEnumerable<FileJob> RunAsync(
        PendingDirectory root, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var ahead = new Stack<PendingDirectory>();
        ahead.Push(root);
        while (ahead.TryPop(out var directory))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var jobs = new List<FileJob>();
            await EnterAsync(directory, ahead, jobs, cancellationToken);
            foreach (var job in jobs)
            {
                yield return job;
            }

            if (directory.Release())
            {
                await complete(directory);
            }
        }
    }

    private async ValueTask EnterAsync(
        PendingDirectory directory, Stack<PendingDirectory> ahead, List<FileJob> jobs, CancellationToken cancellationToken)
    {
        directory.NodesBefore = await ReadBeforeAsync(directory, cancellationToken);
        if (directory.IsMountPoint)
        {
            return;
        }

        List<SourceEntry> entries;
        try
        {
            entries = _selection.EntriesOf(directory.Path, directory.Only, directory.FileSystem);
        }
        catch (SourceException error)
        {
            tally.Miss(directory.Path.ToString(), error.Message);
            directory.IsUnreadable = true;
            return;
        }

        directory.MakePlaces(entries.Count);
        var before = 0;
        for (var place = 0; place < entries.Count; place++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Visit(directory, place, entries[place], FindBefore(directory.NodesBefore, entries[place].Name, ref before), ahead, jobs);
        }
    }

    private void Visit(
        PendingDirectory directory, int place, in SourceEntry entry, Node? before, Stack<PendingDirectory> ahead, List<FileJob> jobs)
    {
        var (name, path, only, fileSystem) = entry;
        var isWay = only is { IsWhole: false };
        try
        {
            var status = LinuxFiles.Status(path, followsLink: isWay);
            var isMounted = fileSystem is { } own && status.FileSystem != own;
            switch (status.Type)
            {
                case NodeType.Directory:
                    directory.Hold();
                    ahead.Push(new PendingDirectory(path, source.Read(path, name, status), before, directory, place)
                    {
                        Only = isWay ? only : null,
                        FileSystem = options.IsOneFileSystem && !isWay ? fileSystem ?? status.FileSystem : null,
                        IsMountPoint = isMounted,
                    });
                    break;
                case var _ when isWay:
                    throw new SourceException("is not a directory");
                case NodeType.Socket or NodeType.Irregular:
                    break; // belongs to a program that runs; restic leaves it out, too
                case var _ when isMounted:
                    break;
                case var _ when only is null && _selection.IsLeftOut(path, status):
                    break;
                case NodeType.File when before is null || !NodeComparison.IsUnchanged(status, before, options) || !HasAll(before.Content!):
                    directory.Hold();
                    jobs.Add(new FileJob(directory, place, path, name, before));
                    break;
                default:
                    var node = source.Read(path, name, status);
                    directory.Set(place, node.Type == NodeType.File ? node with { Content = before!.Content } : node);
                    tally.CountBytes((long)node.Size, path);
                    if (node.Type == NodeType.File)
                    {
                        tally.CountFile(node with { Content = before!.Content }, before, path);
                    }

                    break;
            }
        }
        catch (SourceException error)
        {
            tally.Miss(path.ToString(), error.Message);
        }
    }

    private bool HasAll(IReadOnlyList<BlobId> content)
    {
        foreach (var id in content)
        {
            if (!index.TryFind(BlobKind.Data, id, out var location))
            {
                return false;
            }

            tally.Need(location.Pack);
        }

        return true;
    }

    private async ValueTask<IReadOnlyList<Node>?> ReadBeforeAsync(PendingDirectory directory, CancellationToken cancellationToken)
    {
        if (directory.Before?.Subtree is not { } id)
        {
            return null;
        }

        try
        {
            return [.. (await vault.ReadTreeAsync(index, id, cancellationToken)).Nodes];
        }
        catch (VaultException error) when (error.Fault is VaultFault.Damaged or VaultFault.Missing)
        {
            vault.Options.Notice?.Invoke($"{directory.Path} is read anew, because the snapshot before is damaged: {error.Message}");
            return null;
        }
    }

    // Both are in the order of bytes.
    private static Node? FindBefore(IReadOnlyList<Node>? nodes, byte[] name, ref int position)
    {
        for (; nodes is not null && position < nodes.Count; position++)
        {
            var order = nodes[position].Name.Span.SequenceCompareTo(name);
            if (order >= 0)
            {
                return order == 0 ? nodes[position] : null;
            }
        }

        return null;
    }
}
