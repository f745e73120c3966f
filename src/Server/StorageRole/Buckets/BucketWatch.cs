using Halley.Protocol;
using Halley.Server.Access;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// All buckets for somebody who looks at them for a while. Sizes are in memory, and the rest is read again only when a bucket was added,
/// changed or removed, or after a time, because keys expire, scrubs verify, and another instance may have the storage.
/// </summary>
internal sealed class BucketWatch(BucketActions buckets, BucketCache cache, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private IReadOnlyList<BucketInfo>? _items;
    private (long Version, TenantScope Scope) _read;
    private long _readAt;

    public async Task<IReadOnlyList<BucketInfo>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        var now = (cache.Version, caller.Scope);
        if (_items is null || now != _read || time.GetElapsedTime(_readAt) >= Longest)
        {
            var at = time.GetTimestamp();
            _items = (await buckets.ListAsync(caller, after: null, count: null, cancellationToken)).Items;
            (_read, _readAt) = (now, at);
            return _items;
        }

        return _items = [.. _items.Select(WithSizes)];
    }

    private BucketInfo WithSizes(BucketInfo bucket)
    {
        if (!cache.TryFind(bucket.Id, out var open))
        {
            return bucket;
        }

        var usage = open.Usage.Now;
        return bucket with
        {
            Bytes = usage.Bytes,
            Files = usage.Files,
            LastWriteAt = usage.LastWriteAt,
            Protection = bucket.Protection with { TrashBytes = usage.TrashBytes, TrashFiles = usage.TrashFiles },
            Quota = bucket.Quota with { UsedBytes = usage.Used },
        };
    }
}
