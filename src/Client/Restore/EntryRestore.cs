using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Trees;
using Halley.Client.Restore.Linux;
using Microsoft.Win32.SafeHandles;

namespace Halley.Client.Restore;

/// <summary>Makes the entries of a directory, or finds that they are right; the content of files is left to the batch.</summary>
internal sealed class EntryRestore(VaultIndex index, RestoreOptions options, RestoreReport report, RestoreBatch batch)
{
    private readonly HardLinks<FirstName> _links = new();

    /// <summary>Restores anything but a directory.</summary>
    /// <param name="parent">The directory that it is in, entered.</param>
    /// <param name="name">Its name, with a zero at its end.</param>
    /// <param name="node">What the snapshot says.</param>
    /// <param name="path">For people.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public void Restore(RestoreDirectory parent, byte[] name, Node node, string path, CancellationToken cancellationToken)
    {
        try
        {
            var existing = parent.Open?.Find(name);
            if (existing is { } status && !MayReplace(status, node))
            {
                report.Count(path, RestoreAction.Kept, node.Size);
                return;
            }

            switch (node.Type)
            {
                case NodeType.File:
                    RestoreFile(parent, name, node, path, existing, cancellationToken);
                    break;
                case NodeType.Symlink:
                    RestoreSymlink(parent.Open, name, node, path, existing);
                    break;
                case NodeType.Fifo or NodeType.BlockDevice or NodeType.CharacterDevice:
                    RestoreDevice(parent.Open, name, node, path, existing);
                    break;
                default:
                    report.Warn(path, "is a socket or of an unknown type, which cannot be restored");
                    break;
            }
        }
        catch (IOException error) when (!LinuxException.IsFinal(error))
        {
            report.Warn(path, error.Message);
        }
    }

    /// <summary>Opens a directory, and makes it if it does not exist; false when something else has its name and stays.</summary>
    public bool TryEnter(RestoreDirectory directory, LinuxDirectory? parent)
    {
        var existing = parent?.Find(directory.Name);
        if (existing is { IsDirectory: true })
        {
            directory.Open = parent!.Open(directory.Name);
            directory.GetsMetadata = directory.IsSelected && options.Overwrite != OverwritePolicy.Never;
            report.Count(directory.Path, directory.GetsMetadata ? RestoreAction.Unchanged : RestoreAction.Kept, 0);
            return true;
        }

        if (existing is { } other && !MayReplace(other, directory.Node!))
        {
            report.Warn(directory.Path, "is a directory in the snapshot and something else here, which stays");
            return false;
        }

        directory.GetsMetadata = true;
        report.Count(directory.Path, existing is null ? RestoreAction.Created : RestoreAction.Updated, 0);
        if (!options.IsDryRun)
        {
            if (existing is not null)
            {
                parent!.Unlink(directory.Name);
            }

            parent!.Make(directory.Name);
            directory.Open = parent.Open(directory.Name);
        }

        return true;
    }

    private bool MayReplace(in LinuxStatus existing, Node node) => options.Overwrite switch
    {
        OverwritePolicy.Never => false,
        OverwritePolicy.IfNewer => TimeOf(existing).CompareTo(node.ModifyTime) < 0,
        _ => true,
    };

    private void RestoreFile(
        RestoreDirectory parent, byte[] name, Node node, string path, LinuxStatus? existing, CancellationToken cancellationToken)
    {
        if (_links.Find(node) is { } first && TryLink(first, parent, name, node, path, existing))
        {
            return;
        }

        _links.Add(node, new(parent, name));
        var pieces = Locate(node, path, out var size, out var isWhole);
        if (existing is { IsFile: true } status)
        {
            if (IsTakenForRight(status, node, size))
            {
                report.Count(path, RestoreAction.Unchanged, node.Size);
                ApplyMetadata(parent.Open!, name, node, path);
                return;
            }

            var differing = Compare(parent.Open!, name, pieces, status, cancellationToken);
            if (!options.ReplacesReadOnly && !status.IsWritable && (differing is not { Count: 0 } || status.Size != size))
            {
                report.Count(path, RestoreAction.Kept, node.Size);
                report.Warn(path, "is read-only and has other content, so it stays; allow read-only files to be replaced");
                return;
            }

            if (differing is { } wrong)
            {
                Correct(parent, name, node, path, status, pieces, wrong, size, isWhole);
                return;
            }
        }

        report.Count(path, existing is null ? RestoreAction.Created : RestoreAction.Updated, node.Size);
        report.Plan(SizeOf(pieces));
        if (options.IsDryRun)
        {
            return;
        }

        Remove(parent.Open!, name, existing);
        using var file = parent.Open!.CreateFile(name);
        Begin(file, new(parent, name, node, path, zerosFrom: 0, options.ReadsBack ? pieces : []), pieces, size, isWhole);
    }

    // A file with several names is made anew when it is wrong: its other names may be outside the target.
    private void Correct(
        RestoreDirectory parent, byte[] name, Node node, string path, in LinuxStatus status, List<FilePiece> pieces,
        List<FilePiece> wrong, ulong size, bool isWhole)
    {
        var isRight = wrong.Count == 0 && status.Size == size;
        report.Count(path, isRight ? RestoreAction.Unchanged : RestoreAction.Updated, node.Size);
        var isNew = !isRight && (status.Links > 1 || !CanWrite(parent.Open!, name));
        var missing = isNew ? pieces : wrong;
        report.Plan(SizeOf(missing));
        if (options.IsDryRun)
        {
            return;
        }

        if (isRight)
        {
            ApplyMetadata(parent.Open!, name, node, path);
            return;
        }

        if (isNew)
        {
            parent.Open!.Unlink(name);
        }

        using var file = isNew ? parent.Open!.CreateFile(name) : parent.Open!.OpenFile(name, isForWriting: true);
        var zerosFrom = isNew ? 0 : (long)status.Size;
        Begin(file, new(parent, name, node, path, zerosFrom, options.ReadsBack ? pieces : []), missing, size, isWhole);
    }

    private void Begin(SafeFileHandle file, RestoreFile entry, List<FilePiece> missing, ulong size, bool isWhole)
    {
        RandomAccess.SetLength(file, (long)size);
        entry.IsDamaged = !isWhole;
        if (missing.Count > 0)
        {
            batch.Add(entry, missing);
        }
        else if (isWhole)
        {
            LinuxMetadata.Apply(file, entry.Node, message => report.Warn(entry.Path, message));
        }
    }

    private List<FilePiece> Locate(Node node, string path, out ulong size, out bool isWhole)
    {
        (size, isWhole) = (0, node.Content is not null || node.Size == 0);
        if (!isWhole)
        {
            report.Warn(path, "has no content in the snapshot", lacksContent: true);
        }

        var pieces = new List<FilePiece>(node.Content?.Count ?? 0);
        foreach (var id in node.Content ?? [])
        {
            if (!index.TryFind(BlobKind.Data, id, out var location))
            {
                report.Warn(
                    path, $"lacks the content from byte {size} on: blob {id} is in no index. Run `halley check`.", lacksContent: true);
                isWhole = false;
                return pieces;
            }

            pieces.Add(new(id, location.Number, (long)size, location.Blob.PlainLength));
            size += location.Blob.PlainLength;
        }

        if (isWhole && size != node.Size)
        {
            report.Warn(path, $"has {size} bytes although the snapshot says {node.Size}");
        }

        return pieces;
    }

    private bool IsTakenForRight(in LinuxStatus status, Node node, ulong size) =>
        options.Overwrite == OverwritePolicy.IfChanged && status.Size == size && TimeOf(status).IsSameInstant(node.ModifyTime);

    // Null when the file cannot be read, so that it is made anew.
    private static List<FilePiece>? Compare(
        LinuxDirectory directory, byte[] name, List<FilePiece> pieces, in LinuxStatus status, CancellationToken cancellationToken)
    {
        if (status.Size == 0 && pieces.Count > 0)
        {
            return status.Links == 1 ? pieces : null;
        }

        try
        {
            using var file = directory.OpenFile(name, isForWriting: false);
            return FileContent.FindWrong(file, pieces, cancellationToken);
        }
        catch (LinuxException error) when (error.Code == LinuxCalls.AccessDenied)
        {
            return null;
        }
    }

    private static bool CanWrite(LinuxDirectory directory, byte[] name)
    {
        try
        {
            using var file = directory.OpenFile(name, isForWriting: true);
            return true;
        }
        catch (LinuxException error) when (error.Code == LinuxCalls.AccessDenied)
        {
            return false;
        }
    }

    private bool TryLink(FirstName first, RestoreDirectory parent, byte[] name, Node node, string path, LinuxStatus? existing)
    {
        if (options.IsDryRun)
        {
            report.Count(path, existing is null ? RestoreAction.Created : RestoreAction.Unchanged, node.Size);
            return true;
        }

        try
        {
            using var reopened = first.Directory.Open is null ? first.Directory.Reopen(options.Target) : null;
            var directory = first.Directory.Open ?? reopened!;
            if (existing is { } status && directory.Find(first.Name) is { } target && status.IsSameFile(target))
            {
                report.Count(path, RestoreAction.Unchanged, node.Size);
                return true;
            }

            Remove(parent.Open!, name, existing);
            parent.Open!.Link(directory, first.Name, name);
        }
        catch (LinuxException error) when (!LinuxException.IsFinal(error))
        {
            report.Warn(path, $"is a file of its own, not a further name of {first.Directory.Path}: {error.Message}");
            return false;
        }

        report.Count(path, existing is null ? RestoreAction.Created : RestoreAction.Updated, node.Size);
        return true;
    }

    private void RestoreSymlink(LinuxDirectory? directory, byte[] name, Node node, string path, LinuxStatus? existing)
    {
        if (node.LinkTarget.IsEmpty || node.LinkTarget.Span.Contains((byte)0))
        {
            report.Warn(path, "is a symbolic link to nothing that a path can be");
            return;
        }

        var isRight = existing is { IsSymlink: true } && directory!.ReadLink(name).Span.SequenceEqual(node.LinkTarget.Span);
        Make(directory, name, node, path, existing, isRight, static (directory, name, node) =>
            directory.MakeSymlink(name, [.. node.LinkTarget.Span, 0]));
    }

    private void RestoreDevice(LinuxDirectory? directory, byte[] name, Node node, string path, LinuxStatus? existing)
    {
        var isRight = existing is { } status && node.Type == NodeType.Fifo && status.Type == LinuxType.Fifo;
        Make(directory, name, node, path, existing, isRight, static (directory, name, node) => directory.MakeNode(
            name,
            node.Type switch
            {
                NodeType.Fifo => LinuxType.Fifo,
                NodeType.BlockDevice => LinuxType.BlockDevice,
                _ => LinuxType.CharacterDevice,
            },
            node.Device));
    }

    private void Make(
        LinuxDirectory? directory, byte[] name, Node node, string path, LinuxStatus? existing, bool isRight,
        Action<LinuxDirectory, byte[], Node> make)
    {
        if (!options.IsDryRun)
        {
            if (!isRight)
            {
                Remove(directory!, name, existing);
                make(directory!, name, node);
            }

            LinuxMetadata.Apply(directory!, name, node, message => report.Warn(path, message));
        }

        report.Count(path, isRight ? RestoreAction.Unchanged : existing is null ? RestoreAction.Created : RestoreAction.Updated, 0);
    }

    private void ApplyMetadata(LinuxDirectory directory, byte[] name, Node node, string path)
    {
        if (options.IsDryRun)
        {
            return;
        }

        using var file = directory.OpenFile(name, isForWriting: false);
        LinuxMetadata.Apply(file, node, message => report.Warn(path, message));
    }

    // A directory with entries goes only when extra files may be deleted.
    private void Remove(LinuxDirectory directory, byte[] name, LinuxStatus? existing)
    {
        switch (existing)
        {
            case null:
                break;
            case { IsDirectory: true } when !options.DeletesExtra:
                directory.Remove(name);
                break;
            case { } status:
                directory.RemoveAll(name, status);
                break;
        }
    }

    private static long SizeOf(List<FilePiece> pieces) => pieces.Sum(static piece => (long)piece.Length);

    private static VaultTime TimeOf(in LinuxStatus status) => new(status.ModifySeconds, (int)status.ModifyNanoseconds, 0);

    /// <summary>The first name of a file that has several.</summary>
    private sealed record FirstName(RestoreDirectory Directory, byte[] Name);
}
