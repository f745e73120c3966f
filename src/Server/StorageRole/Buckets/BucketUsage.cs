namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// How much a bucket holds, counted as files come and go, with what was deleted of it and is held. A measurement on disk corrects what operators
/// moved by hand.
/// </summary>
internal sealed class BucketUsage(UsageCount stored)
{
    private readonly Lock _lock = new();
    private UsageCount _count = stored;
    private UsageCount _saved = stored;

    public UsageCount Now
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    public void Stored(long length, DateTime now) => Change(count => count with { Bytes = count.Bytes + length, Files = count.Files + 1, LastWriteAt = now });

    public void Deleted(long length, bool isHeld) => Change(count => count with
    {
        Bytes = count.Bytes - length,
        Files = count.Files - 1,
        TrashBytes = count.TrashBytes + (isHeld ? length : 0),
        TrashFiles = count.TrashFiles + (isHeld ? 1 : 0),
    });

    public void Restored(long length) => Change(count => count with
    {
        Bytes = count.Bytes + length,
        Files = count.Files + 1,
        TrashBytes = count.TrashBytes - length,
        TrashFiles = count.TrashFiles - 1,
    });

    public void Purged(long files, long bytes) =>
        Change(count => count with { TrashBytes = count.TrashBytes - bytes, TrashFiles = count.TrashFiles - files });

    /// <summary>Takes over a measurement; what came and went while it ran is added to it.</summary>
    public void Measured(UsageCount before, UsageCount found) => Change(count => count with
    {
        Bytes = found.Bytes + count.Bytes - before.Bytes,
        Files = found.Files + count.Files - before.Files,
        TrashBytes = found.TrashBytes + count.TrashBytes - before.TrashBytes,
        TrashFiles = found.TrashFiles + count.TrashFiles - before.TrashFiles,
    });

    /// <summary>The count to be stored, once; null when it is stored already.</summary>
    public UsageCount? TakeUnsaved()
    {
        lock (_lock)
        {
            return _count == _saved ? null : _saved = _count;
        }
    }

    /// <summary>The last <see cref="TakeUnsaved"/> could not be stored after all.</summary>
    public void NotSaved()
    {
        lock (_lock)
        {
            _saved = new(-1, -1, null);
        }
    }

    private void Change(Func<UsageCount, UsageCount> change)
    {
        lock (_lock)
        {
            var changed = change(_count);
            _count = changed with
            {
                Bytes = Math.Max(0, changed.Bytes),
                Files = Math.Max(0, changed.Files),
                TrashBytes = Math.Max(0, changed.TrashBytes),
                TrashFiles = Math.Max(0, changed.TrashFiles),
            };
        }
    }
}

/// <summary>A bucket's size and last write, and what is held of what was deleted.</summary>
internal sealed record UsageCount(long Bytes, long Files, DateTime? LastWriteAt, long TrashBytes = 0, long TrashFiles = 0)
{
    /// <summary>What counts for a quota.</summary>
    public long Used => Bytes + TrashBytes;
}
