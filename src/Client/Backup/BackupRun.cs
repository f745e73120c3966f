using System.Collections.Concurrent;
using System.Text;
using Halley.Client.Backup.FileSystem;
using Halley.Client.Repository;
using Halley.Client.Repository.Chunking;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Packs;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Backup;

/// <summary>Stores one tree: a walk that finds files, and workers that take them from it, each from its first byte to its pack.</summary>
internal sealed class BackupRun : IDisposable
{
    private readonly Vault _vault;
    private readonly VaultIndex _index;
    private readonly PackWriter _writer;
    private readonly BackupOptions _options;
    private readonly BackupTally _tally;
    private readonly Func<BlobKind, BlobId, bool>? _wants;
    private readonly NodeSource _source;
    private readonly Chunker _chunker;
    private readonly ConcurrentBag<BackupWorker> _workers = [];
    private BlobId _root;

    public BackupRun(
        Vault vault, VaultIndex index, PackWriter writer, BackupOptions options, BackupTally tally,
        Func<BlobKind, BlobId, bool>? wants = null)
    {
        (_vault, _index, _writer, _options, _tally, _wants) = (vault, index, writer, options, tally, wants);
        _source = new NodeSource(tally.Warn);
        _chunker = new Chunker(vault.Config.Polynomial);
    }

    /// <summary>Stores paths and returns the tree of the root.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="before">The tree to compare with; null for none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<BlobId> SavePathsAsync(IReadOnlyList<SourcePath> paths, BlobId? before, CancellationToken cancellationToken)
    {
        var nodeBefore = before is { } tree ? new Node { Name = "/"u8.ToArray(), Type = NodeType.Directory, Subtree = tree } : null;
        var root = new PendingDirectory(BytePath.Root, null, nodeBefore, null, 0) { Only = PathTree.Of(paths) };
        var walk = new TreeWalk(
            _vault, _index, _options, _tally, _source, directory => CompleteAsync(directory, cancellationToken));
        await Parallel.ForEachAsync(
            walk.RunAsync(root, cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = _options.Workers, CancellationToken = cancellationToken },
            SaveFileAsync);
        return _root;
    }

    /// <summary>Stores streams as the only files and returns the tree of the root.</summary>
    public async Task<BlobId> SaveInputsAsync(IReadOnlyList<BackupInput> inputs, CancellationToken cancellationToken)
    {
        var worker = Rent();
        try
        {
            var nodes = new List<Node>(inputs.Count);
            foreach (var input in inputs)
            {
                nodes.Add(await SaveInputAsync(input, worker, cancellationToken));
            }

            nodes.Sort(static (left, right) => left.Name.Span.SequenceCompareTo(right.Name.Span));
            var root = await worker.SaveTreeAsync(nodes, cancellationToken);
            NeedAll(BlobKind.Tree, [root]);
            return root;
        }
        finally
        {
            _workers.Add(worker);
        }
    }

    public void Dispose()
    {
        foreach (var worker in _workers)
        {
            worker.Dispose();
        }
    }

    private BackupWorker Rent() =>
        _workers.TryTake(out var worker) ? worker : new BackupWorker(_chunker, _writer, _vault.CreateEncoder(), _wants);

    private async ValueTask SaveFileAsync(FileJob job, CancellationToken cancellationToken)
    {
        var worker = Rent();
        try
        {
            await TrySaveFileAsync(job, worker, cancellationToken);
        }
        finally
        {
            _workers.Add(worker);
        }

        if (job.Directory.Release())
        {
            await CompleteAsync(job.Directory, cancellationToken);
        }
    }

    private async ValueTask TrySaveFileAsync(FileJob job, BackupWorker worker, CancellationToken cancellationToken)
    {
        try
        {
            using var file = LinuxFiles.Open(job.Path);
            var status = LinuxFiles.Status(file);
            if (status.Type != NodeType.File)
            {
                throw new SourceException("was a file when the backup found it and is none any more");
            }

            var (chunks, length) = await worker.SaveFileAsync(
                new FileContent(file, status.IsSparse), count => _tally.CountBytes(count, job.Path), cancellationToken);
            if ((ulong)length != status.Size || !LinuxFiles.Status(file).HasSameContentAs(status))
            {
                _tally.Warn(job.Path, "changed while it was read, so the backup may hold parts of several versions");
            }

            NeedAll(BlobKind.Data, chunks);
            var node = _source.Read(job.Path, job.Name, status) with { Size = (ulong)length, Content = chunks };
            job.Directory.Set(job.Place, node);
            _tally.CountFile(node, job.Before, job.Path);
        }
        catch (SourceException error)
        {
            _tally.Miss(job.Path.ToString(), error.Message);
        }
    }

    private async Task<Node> SaveInputAsync(BackupInput input, BackupWorker worker, CancellationToken cancellationToken)
    {
        var name = Encoding.UTF8.GetBytes(input.FileName);
        var path = BytePath.Root.Join(name);
        var (chunks, length) = await worker.SaveFileAsync(
            new InputContent(input.Content), count => _tally.CountBytes(count, path), cancellationToken);
        var node = new Node
        {
            Name = name,
            Type = NodeType.File,
            Mode = 0x1A4, // 0644
            ModifyTime = _tally.Start,
            AccessTime = _tally.Start,
            ChangeTime = _tally.Start,
            UserId = LinuxCalls.UserId(),
            GroupId = LinuxCalls.GroupId(),
            Size = (ulong)length,
            Content = chunks,
        };
        NeedAll(BlobKind.Data, chunks);
        _tally.CountFile(node, null, path);
        return node;
    }

    // Upwards, as long as it was the last of its directory.
    private async ValueTask CompleteAsync(PendingDirectory? directory, CancellationToken cancellationToken)
    {
        var worker = Rent();
        try
        {
            for (; directory is not null; directory = directory.Parent)
            {
                if (!directory.IsUnreadable)
                {
                    await SaveDirectoryAsync(directory, worker, cancellationToken);
                }

                if (directory.Parent?.Release() == false)
                {
                    break;
                }
            }
        }
        finally
        {
            _workers.Add(worker);
        }
    }

    private async ValueTask SaveDirectoryAsync(PendingDirectory directory, BackupWorker worker, CancellationToken cancellationToken)
    {
        var id = directory.IsAsBefore ? directory.Before!.Subtree!.Value : await worker.SaveTreeAsync(directory.Nodes, cancellationToken);
        NeedAll(BlobKind.Tree, [id]);
        if (directory.Parent is null)
        {
            _root = id;
            return;
        }

        var node = directory.Node! with { Subtree = id };
        directory.Parent.Set(directory.Place, node);
        _tally.CountDirectory(node, directory.Before, directory.Path);
    }

    // New blobs are in packs that are counted at the end.
    private void NeedAll(BlobKind kind, IReadOnlyList<BlobId> ids)
    {
        foreach (var id in ids)
        {
            if (_index.TryFind(kind, id, out var location))
            {
                _tally.Need(location.Pack);
            }
        }
    }
}
