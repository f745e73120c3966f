using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Halley.Server.Data;
using Halley.Storage;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>All buckets that may be reached, in memory. One server process owns its database, so this is never behind it.</summary>
internal sealed class BucketDirectory(VolumeSet volumes, IDbContextFactory<ServerDbContext> databases, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, OpenBucket> _open = new(StringComparer.Ordinal);

    public IEnumerable<OpenBucket> All => _open.Values;

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var buckets = database.Set<Bucket>().AsNoTracking().Include(bucket => bucket.Keys).Where(bucket => bucket.DeletedAt == null);
        await foreach (var bucket in buckets.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            Open(bucket);
        }
    }

    public bool TryFind(string id, [NotNullWhen(true)] out OpenBucket? bucket) => _open.TryGetValue(id, out bucket);

    public OpenBucket Open(Bucket bucket)
    {
        var hold = new DeleteHold();
        var store = new MeteredBlobStore(volumes.OpenBucket(bucket.Id, hold), time);
        var opened = new OpenBucket(bucket.Id, store, new BucketUsage(bucket.Usage), hold, new DeleteBrake(time));
        opened.SetRules(bucket);
        opened.SetKeys(bucket.Keys);
        _open[bucket.Id] = opened;
        return opened;
    }

    /// <summary>From here on the bucket is unknown to every client.</summary>
    public void Close(string id) => _open.TryRemove(id, out _);
}
