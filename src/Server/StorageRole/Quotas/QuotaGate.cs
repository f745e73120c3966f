using Halley.Server.Organizations;
using Halley.Server.StorageRole.Buckets;

namespace Halley.Server.StorageRole.Quotas;

/// <summary>
/// Admits uploads while the bucket and its organization have room, all in memory. What has arrived of uploads in progress counts, with a
/// small step more, so that together they cannot exceed a quota; what they only announce does not.
/// </summary>
internal sealed class QuotaGate(BucketCache cache, OrganizationCache organizations)
{
    private readonly Lock _lock = new();

    /// <summary>
    /// Reserves room for an upload, until the reservation is disposed; null without a quota. The reservation has a shortage if there is no
    /// room for all of <paramref name="length"/>, which is null if it was not announced.
    /// </summary>
    public QuotaReservation? Reserve(OpenBucket bucket, long? length)
    {
        if (bucket.Quota.HardBytes is null && SharedBy(bucket) is null)
        {
            return null;
        }

        lock (_lock)
        {
            var reservation = new QuotaReservation(this, bucket, length, Shortage(bucket, length ?? 0, 0));
            if (reservation.Shortage is null)
            {
                reservation.Cover(0);
            }

            return reservation;
        }
    }

    /// <summary>The bytes in all buckets of an organization, deleted files that are held included.</summary>
    public long UsedBy(string organizationId) =>
        cache.All.Where(bucket => bucket.OrganizationId == organizationId).Sum(bucket => bucket.Usage.Now.Used);

    /// <summary>Reserves <paramref name="more"/> bytes for an upload that has <paramref name="reserved"/> already.</summary>
    internal QuotaShortage? Take(OpenBucket bucket, long more, long reserved)
    {
        lock (_lock)
        {
            var shortage = Shortage(bucket, more, reserved);
            bucket.Reserved += shortage is null ? more : 0;
            return shortage;
        }
    }

    internal void Release(OpenBucket bucket, long bytes)
    {
        lock (_lock)
        {
            bucket.Reserved -= bytes;
        }
    }

    private QuotaShortage? Shortage(OpenBucket bucket, long more, long own)
    {
        var shortage = bucket.Quota.HardBytes is { } limit ? Shortage(limit - bucket.Usage.Now.Used, bucket.Reserved, more, own) : null;
        if (shortage == QuotaShortage.Full || SharedBy(bucket) is not { } shared)
        {
            return shortage;
        }

        var reserved = cache.All.Where(other => other.OrganizationId == bucket.OrganizationId).Sum(other => other.Reserved);
        var ofAll = Shortage(shared - UsedBy(bucket.OrganizationId), reserved, more, own);
        return ofAll == QuotaShortage.Full ? ofAll : shortage ?? ofAll;
    }

    /// <summary>The hard quota that it shares with the other buckets of its organization.</summary>
    private long? SharedBy(OpenBucket bucket) =>
        bucket.OrganizationId.Length == 0 ? null : organizations.Find(bucket.OrganizationId)?.Quota.HardBytes;

    private static QuotaShortage? Shortage(long left, long reserved, long more, long own) =>
        own + more > left ? QuotaShortage.Full : reserved + more > left ? QuotaShortage.Reserved : null;
}

/// <summary>Why there is no room for an upload.</summary>
internal enum QuotaShortage
{
    /// <summary>The quota is used up by stored files.</summary>
    Full,

    /// <summary>The rest of the quota is reserved for other uploads in progress.</summary>
    Reserved,
}

/// <summary>The room that is reserved for one upload.</summary>
internal sealed class QuotaReservation(QuotaGate gate, OpenBucket bucket, long? length, QuotaShortage? shortage) : IDisposable
{
    /// <summary>Bytes that are reserved before they arrive.</summary>
    private const long Step = 1L << 20;

    private long _bytes;

    /// <summary>Why there was no room for the whole upload when it began.</summary>
    public QuotaShortage? Shortage => shortage;

    /// <summary>Reserves room for the bytes that have arrived, and a step more. Returns the reason if there is none.</summary>
    public QuotaShortage? Cover(long arrived)
    {
        if (_bytes > 0 && arrived <= _bytes)
        {
            return null;
        }

        // Without an announced length, the step could be more than the body needs, so an exact fit could fail.
        var wanted = length is { } announced ? Math.Min(announced, arrived + Step) : arrived;
        var missing = gate.Take(bucket, wanted - _bytes, _bytes);
        _bytes = missing is null ? wanted : _bytes;
        return missing;
    }

    public void Dispose()
    {
        gate.Release(bucket, _bytes);
        _bytes = 0;
    }
}
