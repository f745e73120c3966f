using Halley.Server.Organizations;
using Halley.Server.StorageRole.Buckets;

namespace Halley.Server.StorageRole.Quotas;

/// <summary>
/// Lets uploads in as long as the bucket and its organization have room, all in memory. What is on its way counts, so that uploads at the same
/// time cannot exceed a quota together.
/// </summary>
internal sealed class QuotaGate(BucketDirectory directory, OrganizationDirectory organizations)
{
    private readonly Lock _lock = new();

    /// <summary>Room for an upload, to be disposed of at its end; null when there is none.</summary>
    public QuotaReservation? TryReserve(OpenBucket bucket, long bytes)
    {
        var reservation = new QuotaReservation(this, bucket);
        return reservation.TryGrow(bytes) ? reservation : null;
    }

    /// <summary>What an organization's buckets hold together, with what was deleted of them and is held.</summary>
    public long UsedBy(string organizationId) =>
        directory.All.Where(bucket => bucket.OrganizationId == organizationId).Sum(bucket => bucket.Usage.Now.Used);

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
            || UsedBy(organization.Id) + directory.All.Where(other => other.OrganizationId == organization.Id).Sum(other => other.Reserved) + bytes <= shared;
    }
}

/// <summary>The room of one upload.</summary>
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
