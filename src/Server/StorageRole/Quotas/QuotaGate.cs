using Halley.Server.Organizations;
using Halley.Server.StorageRole.Buckets;

namespace Halley.Server.StorageRole.Quotas;

/// <summary>
/// Admits uploads while the bucket and its organization have room, all in memory. Uploads in progress count, so that together they cannot
/// exceed a quota.
/// </summary>
internal sealed class QuotaGate(BucketCache cache, OrganizationCache organizations)
{
    private readonly Lock _lock = new();

    /// <summary>Reserves room for an upload, until the reservation is disposed; null if the quota leaves too little.</summary>
    public QuotaReservation? TryReserve(OpenBucket bucket, long bytes)
    {
        var reservation = new QuotaReservation(this, bucket);
        return reservation.TryGrow(bytes) ? reservation : null;
    }

    /// <summary>The bytes in all buckets of an organization, deleted files that are held included.</summary>
    public long UsedBy(string organizationId) =>
        cache.All.Where(bucket => bucket.OrganizationId == organizationId).Sum(bucket => bucket.Usage.Now.Used);

    internal bool TryTake(OpenBucket bucket, long bytes)
    {
        lock (_lock)
        {
            if (!Fits(bucket, bytes))
            {
                return false;
            }

            bucket.Reserved += bytes;
            return true;
        }
    }

    internal void Release(OpenBucket bucket, long bytes)
    {
        lock (_lock)
        {
            bucket.Reserved -= bytes;
        }
    }

    private bool Fits(OpenBucket bucket, long bytes)
    {
        if (bucket.Quota.HardBytes is { } limit && bucket.Usage.Now.Used + bucket.Reserved + bytes > limit)
        {
            return false;
        }

        var organization = bucket.OrganizationId.Length == 0 ? null : organizations.Find(bucket.OrganizationId);
        return organization?.Quota.HardBytes is not { } shared
            || UsedBy(organization.Id) + cache.All.Where(other => other.OrganizationId == organization.Id).Sum(other => other.Reserved)
                + bytes <= shared;
    }
}

/// <summary>The room that is reserved for one upload.</summary>
internal sealed class QuotaReservation(QuotaGate gate, OpenBucket bucket) : IDisposable
{
    private long _bytes;

    public bool TryGrow(long bytes)
    {
        if (!gate.TryTake(bucket, bytes))
        {
            return false;
        }

        _bytes += bytes;
        return true;
    }

    public void Dispose()
    {
        gate.Release(bucket, _bytes);
        _bytes = 0;
    }
}
