namespace Halley.Server.StorageRole.Buckets;

/// <summary>How much a bucket holds, counted as files come and go. A measurement on disk corrects what operators moved by hand.</summary>
internal sealed class BucketUsage(long bytes, long files, DateTime? lastWriteAt)
{
    private readonly Lock _lock = new();
    private UsageCount _count = new(bytes, files, lastWriteAt);
    private UsageCount _saved = new(bytes, files, lastWriteAt);

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

    public void Stored(long length, DateTime now)
    {
        lock (_lock)
        {
            _count = new(_count.Bytes + length, _count.Files + 1, now);
        }
    }

    public void Deleted(long length)
    {
        lock (_lock)
        {
            _count = _count with { Bytes = Math.Max(0, _count.Bytes - length), Files = Math.Max(0, _count.Files - 1) };
        }
    }

    /// <summary>Takes over a measurement; what came and went while it ran is added to it.</summary>
    public void Measured(UsageCount before, long bytes, long files)
    {
        lock (_lock)
        {
            var (deltaBytes, deltaFiles) = (_count.Bytes - before.Bytes, _count.Files - before.Files);
            _count = _count with { Bytes = Math.Max(0, bytes + deltaBytes), Files = Math.Max(0, files + deltaFiles) };
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
}

/// <summary>A bucket's size and last write.</summary>
internal sealed record UsageCount(long Bytes, long Files, DateTime? LastWriteAt);
