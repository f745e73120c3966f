using System.Text;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;
using Halley.Client.Restore.Linux;

namespace Halley.Client.Restore;

/// <summary>
/// Goes through the trees of a snapshot in their order, makes what is selected, and has the content of files restored batch by batch.
/// Directories above what is selected are made when something in them is.
/// </summary>
internal sealed class RestoreWalk : IDisposable
{
    // Text of all trees that are open at once. A store that lies could nest trees of a gigabyte, each a few kilobytes when compressed.
    public const long MostOpenText = 2L << 30;

    private readonly Vault _vault;
    private readonly VaultIndex _index;
    private readonly RestoreOptions _options;
    private readonly RestoreReport _report;
    private readonly RestoreBatch _batch;
    private readonly EntryRestore _entries;
    private readonly ExtraFiles? _extra;
    private readonly Stack<Level> _levels = new();
    private long _openText;

    public RestoreWalk(Vault vault, VaultIndex index, Snapshot snapshot, RestoreOptions options, RestoreReport report)
    {
        (_vault, _index, _options, _report) = (vault, index, options, report);
        _batch = new RestoreBatch(vault, index, options, report);
        _entries = new EntryRestore(index, options, report, _batch);
        _extra = options.DeletesExtra ? new ExtraFiles(snapshot, options, report) : null;
    }

    public async Task RunAsync(IEnumerable<Node> nodes, CancellationToken cancellationToken)
    {
        var root = new RestoreDirectory(parent: null, [], node: null, "/", selector: [], depth: 0);
        Push(root, nodes, textLength: 0);
        while (_levels.TryPeek(out var level))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryNext(level) is { } node)
            {
                await VisitAsync(level, node, cancellationToken);
            }
            else
            {
                Leave(_levels.Pop(), cancellationToken);
            }

            if (_batch.IsFull)
            {
                await _batch.FlushAsync(cancellationToken);
            }
        }

        await _batch.FlushAsync(cancellationToken);
    }

    public void Dispose()
    {
        foreach (var level in _levels)
        {
            level.Directory.Open?.Dispose();
            level.Nodes.Dispose();
        }
    }

    private Node? TryNext(Level level)
    {
        try
        {
            return level.Nodes.MoveNext() ? level.Nodes.Current : null;
        }
        catch (VaultException error)
        {
            _report.Warn(level.Directory.Path, error.Message);
            level.Directory.IsIncomplete = true;
            return null;
        }
    }

    private async ValueTask VisitAsync(Level level, Node node, CancellationToken cancellationToken)
    {
        var path = level.Directory.PathOf(node.DisplayName);
        if (!node.HasSafeName || node.Name.IsEmpty)
        {
            _report.Warn(path, "is no name that a file can have, so nothing is created for it");
            return;
        }

        var name = (byte[])[.. node.Name.Span, 0];
        level.Names?.Add(name);
        var selector = level.Directory.SelectorOf(node.Name.Span);
        var isSelected = _options.Selection.Selects(selector);
        if (node.Type != NodeType.Directory)
        {
            if (isSelected && TryEnter(level.Directory))
            {
                _entries.Restore(level.Directory, name, node, path, cancellationToken);
            }
        }
        else if (isSelected || _options.Selection.MaySelectBelow(selector))
        {
            var directory = new RestoreDirectory(level.Directory, name, node, path, selector, level.Directory.Depth + 1);
            await DescendAsync(directory, isSelected, cancellationToken);
        }
    }

    private async ValueTask DescendAsync(RestoreDirectory directory, bool isSelected, CancellationToken cancellationToken)
    {
        directory.IsSelected = isSelected;
        if (isSelected && !TryEnter(directory))
        {
            return;
        }

        IEnumerable<Node> nodes = [];
        var textLength = 0L;
        if (directory.Depth > _options.DeepestDirectory)
        {
            Refuse(directory, $"is deeper than {_options.DeepestDirectory} directories, so its content is not restored");
        }
        else if (directory.Node!.Subtree is not { } subtree)
        {
            Refuse(directory, "has no content in the snapshot");
        }
        else if (_index.TryFind(BlobKind.Tree, subtree, out var location) && _openText + location.Blob.PlainLength > MostOpenText)
        {
            Refuse(directory, "and the directories above it have too many entries, so its content is not restored");
        }
        else
        {
            try
            {
                var tree = await _vault.ReadTreeAsync(_index, subtree, cancellationToken);
                (nodes, textLength) = (tree.Nodes, tree.Text.Length);
            }
            catch (VaultException error)
            {
                Refuse(directory, error.Message);
            }
        }

        Push(directory, nodes, textLength);
    }

    private void Refuse(RestoreDirectory directory, string reason)
    {
        _report.Warn(directory.Path, reason);
        directory.IsIncomplete = true;
    }

    private void Push(RestoreDirectory directory, IEnumerable<Node> nodes, long textLength)
    {
        _levels.Push(new(directory, nodes.GetEnumerator(), textLength, _extra is null ? null : new(ExtraFiles.NameComparer)));
        _openText += textLength;
    }

    private void Leave(Level level, CancellationToken cancellationToken)
    {
        var directory = level.Directory;
        _openText -= level.TextLength;
        level.Nodes.Dispose();
        try
        {
            if (directory.Open is { } open && level.Names is { } names && !directory.IsIncomplete)
            {
                _extra!.Delete(directory, open, names, cancellationToken);
            }
        }
        catch (LinuxException error) when (!LinuxException.IsFinal(error))
        {
            _report.Warn(directory.Path, error.Message);
        }

        directory.Open?.Dispose();
        directory.Open = null;
        if (directory.GetsMetadata && !_options.IsDryRun)
        {
            _batch.Add(directory);
        }
    }

    /// <summary>Opens a directory of the target, and makes it when it is needed. False when nothing can be restored in it.</summary>
    private bool TryEnter(RestoreDirectory directory)
    {
        if (directory.IsEntered)
        {
            return !directory.IsClosed;
        }

        directory.IsEntered = true;
        try
        {
            if (directory.Parent is not { } parent)
            {
                directory.Open = OpenTarget();
            }
            else if (TryEnter(parent))
            {
                directory.IsClosed = !_entries.TryEnter(directory, parent.Open);
            }
            else
            {
                directory.IsClosed = true;
            }
        }
        catch (LinuxException error) when (directory.Parent is not null && !LinuxException.IsFinal(error))
        {
            _report.Warn(directory.Path, error.Message);
            directory.IsClosed = true;
        }

        return !directory.IsClosed;
    }

    private LinuxDirectory? OpenTarget()
    {
        if (!_options.IsDryRun)
        {
            Directory.CreateDirectory(_options.Target);
        }

        return LinuxDirectory.TryOpen(_options.Target) is { } open ? open
            : _options.IsDryRun ? null
            : throw new LinuxException("open", LinuxCalls.NoEntry);
    }

    /// <summary>A directory that the walk is in.</summary>
    private sealed record Level(RestoreDirectory Directory, IEnumerator<Node> Nodes, long TextLength, HashSet<byte[]>? Names);
}
