namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// The size of a bucket, counted as files are added and removed, with its deleted files that are held. A measurement on disk corrects the
/// count after files were moved by hand.
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

    /// <summary>Announces an upload: its file may be on the disk a moment before it is counted.</summary>
    public void Coming(long length) => InLock(() => _coming = _coming with { Bytes = _coming.Bytes + length, Files = _coming.Files + 1 });

    /// <summary>Ends an announcement of <see cref="Coming"/>, after the file was counted or the upload has failed.</summary>
    public void Came(long length) => InLock(() => _coming = _coming with { Bytes = _coming.Bytes - length, Files = _coming.Files - 1 });

    /// <summary>Announces a delete: the file may be off the disk a moment before that is counted.</summary>
    public void Leaving() => InLock(() => _leaving++);

    public void Left() => InLock(() => _leaving--);

    public void Stored(long length, DateTime now) =>
        Change(count => count with { Bytes = count.Bytes + length, Files = count.Files + 1, LastWriteAt = now });

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

    /// <summary>The count at the beginning of a measurement.</summary>
    public UsageMark Mark()
    {
        lock (_lock)
        {
            return new UsageMark(_count, _churn);
        }
    }

    /// <summary>
    /// Corrects the count by a measurement and by the files added and removed while it ran. A difference that those files can explain is
    /// ignored, because it is unknown whether the measurement saw them.
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

    /// <summary>The count, if it is not stored yet; null otherwise. Each count is returned once.</summary>
    public UsageCount? TakeUnsaved()
    {
        lock (_lock)
        {
            return _count == _saved ? null : _saved = _count;
        }
    }

    /// <summary>Reports that the last <see cref="TakeUnsaved"/> could not be stored.</summary>
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
            _churn.TrashBytes + Math.Abs(_count.TrashBytes - before.TrashBytes),
            _churn.TrashFiles + Math.Abs(_count.TrashFiles - before.TrashFiles));
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

/// <summary>A count, and the sum of all changes up to that time.</summary>
internal readonly record struct UsageMark(UsageCount Count, UsageCount Churn);

/// <summary>The size of a bucket, its last write, and its deleted files that are held.</summary>
internal sealed record UsageCount(long Bytes, long Files, DateTime? LastWriteAt, long TrashBytes = 0, long TrashFiles = 0)
{
    /// <summary>The bytes that count towards a quota.</summary>
    public long Used => Bytes + TrashBytes;
}
