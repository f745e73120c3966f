using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Storage;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// All buckets that clients can reach, in memory. The storage belongs to one process (see <see cref="StorageLease"/>), and every change to
/// a bucket is made here as well, so the cache never lags behind the database.
/// </summary>
internal sealed class BucketCache(VolumeSet volumes, IDbContextFactory<ServerDbContext> databases, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, OpenBucket> _open = new(StringComparer.Ordinal);

    private long _version;

    public IEnumerable<OpenBucket> All => _open.Values;

    /// <summary>Rises when a bucket is added, changed or removed; not with sizes.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Raises <see cref="Version"/> after a change that only the database has.</summary>
    public void Changed() => Interlocked.Increment(ref _version);

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

    /// <summary>The bucket, if the caller may see it.</summary>
    public OpenBucket? Find(string id, TenantScope scope) =>
        TryFind(id, out var bucket) && scope.Contains(bucket.OrganizationId) ? bucket : null;

    public OpenBucket Open(Bucket bucket)
    {
        var hold = new DeleteHold();
        var store = new MeteredBlobStore(volumes.OpenBucket(bucket.Id, hold), time);
        var opened = new OpenBucket(bucket.Id, store, new BucketUsage(bucket.Usage), hold, new DeleteBrake(time));
        opened.SetRules(bucket);
        opened.SetKeys(bucket.Keys);
        _open[bucket.Id] = opened;
        Changed();
        return opened;
    }

    /// <summary>Applies changed rules of a bucket from its next request on.</summary>
    public void SetRules(Bucket stored)
    {
        if (TryFind(stored.Id, out var open))
        {
            open.SetRules(stored);
        }

        Changed();
    }

    /// <summary>Hides the bucket from every client from now on.</summary>
    public void Close(string id)
    {
        _open.TryRemove(id, out _);
        Changed();
    }
}
