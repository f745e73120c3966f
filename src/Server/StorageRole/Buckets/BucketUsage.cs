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
    private UsageCount _churn = new(0, 0, null);
    private UsageCount _coming = new(0, 0, null);
    private int _leaving;

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

    /// <summary>An upload is on its way: the file may be on the disk a moment before it is counted.</summary>
    public void Coming(long length) => InLock(() => _coming = _coming with { Bytes = _coming.Bytes + length, Files = _coming.Files + 1 });

    /// <summary>The end of what <see cref="Coming"/> said, after it was counted or has failed.</summary>
    public void Came(long length) => InLock(() => _coming = _coming with { Bytes = _coming.Bytes - length, Files = _coming.Files - 1 });

    /// <summary>A file may be off the disk a moment before that is counted.</summary>
    public void Leaving() => InLock(() => _leaving++);

    public void Left() => InLock(() => _leaving--);

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

    /// <summary>Where the count stands when a measurement begins.</summary>
    public UsageMark Mark()
    {
        lock (_lock)
        {
            return new UsageMark(_count, _churn);
        }
    }

    /// <summary>
    /// Takes over a measurement, to which what came and went while it ran is added. A difference that what came and went explains is none: nobody
    /// knows whether the measurement saw it.
    /// </summary>
    public void Measured(UsageMark before, UsageCount found)
    {
        lock (_lock)
        {
            if (!Explains(before, found))
            {
                Set(_count with
                {
                    Bytes = found.Bytes + _count.Bytes - before.Count.Bytes,
                    Files = found.Files + _count.Files - before.Count.Files,
                    TrashBytes = found.TrashBytes + _count.TrashBytes - before.Count.TrashBytes,
                    TrashFiles = found.TrashFiles + _count.TrashFiles - before.Count.TrashFiles,
                });
            }
        }
    }

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

    private bool Explains(UsageMark before, UsageCount found) =>
        Math.Abs(found.Files - before.Count.Files) <= _churn.Files - before.Churn.Files + _coming.Files + _leaving
        && Math.Abs(found.TrashFiles - before.Count.TrashFiles) <= _churn.TrashFiles - before.Churn.TrashFiles + _leaving
        && (_leaving > 0
            || (Math.Abs(found.Bytes - before.Count.Bytes) <= _churn.Bytes - before.Churn.Bytes + _coming.Bytes
                && Math.Abs(found.TrashBytes - before.Count.TrashBytes) <= _churn.TrashBytes - before.Churn.TrashBytes));

    private void Change(Func<UsageCount, UsageCount> change) => InLock(() =>
    {
        var before = _count;
        Set(change(_count));
        _churn = new UsageCount(
            _churn.Bytes + Math.Abs(_count.Bytes - before.Bytes), _churn.Files + Math.Abs(_count.Files - before.Files), null,
            _churn.TrashBytes + Math.Abs(_count.TrashBytes - before.TrashBytes), _churn.TrashFiles + Math.Abs(_count.TrashFiles - before.TrashFiles));
    });

    private void Set(UsageCount count) => _count = count with
    {
        Bytes = Math.Max(0, count.Bytes),
        Files = Math.Max(0, count.Files),
        TrashBytes = Math.Max(0, count.TrashBytes),
        TrashFiles = Math.Max(0, count.TrashFiles),
    };

    private void InLock(Action change)
    {
        lock (_lock)
        {
            change();
        }
    }
}

/// <summary>A count, and how much had come and gone by then in all.</summary>
internal readonly record struct UsageMark(UsageCount Count, UsageCount Churn);

/// <summary>A bucket's size and last write, and what is held of what was deleted.</summary>
internal sealed record UsageCount(long Bytes, long Files, DateTime? LastWriteAt, long TrashBytes = 0, long TrashFiles = 0)
{
    /// <summary>What counts for a quota.</summary>
    public long Used => Bytes + TrashBytes;
}
