using Halley.Protocol;
using Halley.Server.Organizations;
using Halley.Storage;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// A bucket as the vault needs it, in memory: no upload or download queries the database. Changed keys replace <see cref="Keys"/> and apply
/// from the next request on.
/// </summary>
internal sealed class OpenBucket(string id, IBlobStore store, BucketUsage usage, DeleteHold held, DeleteBrake brake)
{
    private volatile BucketHold _hold = new(0);
    private long _frozenAt;

    public string Id => id;

    public IBlobStore Store => store;

    public BucketUsage Usage => usage;

    public DeleteBrake Brake => brake;

    public IReadOnlyList<AccessKey> Keys { get; private set; } = [];

    /// <summary>The organization whose quota it counts towards; empty for the top level, which has no quota.</summary>
    public string OrganizationId { get; set; } = "";

    public BucketHold Hold => _hold;

    public bool IsBrakeOff { get; private set; }

    public DateTime? FrozenAt => Interlocked.Read(ref _frozenAt) is var ticks and > 0 ? new DateTime(ticks, DateTimeKind.Utc) : null;

    /// <summary>The gate that every change of its files passes.</summary>
    public WriteGate Writes { get; } = new();

    /// <summary>Where it has moved; null while this server is its home.</summary>
    public string? MovedTo { get; set; }

    public QuotaLimits Quota { get; private set; } = QuotaLimits.None;

    public UploadCount Uploads { get; } = new();

    /// <summary>Bytes that the quota has reserved for uploads in progress.</summary>
    public long Reserved { get; set; }

    /// <summary>True if deleted files of this type go to the trash.</summary>
    public bool Holds(BlobType type) => held.Holds(type);

    /// <summary>Applies the stored protection and quota.</summary>
    public void SetRules(Bucket stored)
    {
        _hold = stored.Hold;
        held.IsOn = stored.HoldDays > 0;
        IsBrakeOff = stored.IsBrakeOff;
        OrganizationId = stored.OrganizationId;
        MovedTo = stored.MovedTo;
        Quota = new QuotaLimits(stored.SoftQuotaBytes, stored.HardQuotaBytes);
        Interlocked.Exchange(ref _frozenAt, stored.FrozenAt?.Ticks ?? 0);
    }

    /// <summary>Freezes its deletes; false if they were already frozen.</summary>
    public bool Freeze(DateTime now) => Interlocked.CompareExchange(ref _frozenAt, now.Ticks, 0) == 0;

    public void SetKeys(IEnumerable<BucketKey> keys)
    {
        var known = Keys.ToDictionary(key => key.Id);
        Keys = [.. keys.OrderBy(key => key.CreatedAt).Select(key => new AccessKey(
            key.Id, key.Mode, key.Format, key.Hash, key.ExpiresAt, known.GetValueOrDefault(key.Id)?.Use ?? new KeyUse(key.LastUsedAt)))];
    }

    /// <summary>The key with that hash, if it is valid at this time.</summary>
    public AccessKey? FindKey(string hash, DateTime now)
    {
        foreach (var key in Keys)
        {
            if (key.Hash == hash && key.IsValidAt(now))
            {
                return key;
            }
        }

        return null;
    }
}

/// <summary>A key of an open bucket.</summary>
internal sealed record AccessKey(Guid Id, BucketKeyMode Mode, int Format, string Hash, DateTime? ExpiresAt, KeyUse Use)
{
    public bool IsValidAt(DateTime now) => ExpiresAt is null || now < ExpiresAt;
}

/// <summary>When a key was last used, and what its use has shown. The object survives a replacement of the bucket's keys.</summary>
internal sealed class KeyUse(DateTime? stored)
{
    private long _ticks = stored?.Ticks ?? 0;
    private long _flushed = stored?.Ticks ?? 0;
    private int _hint = -1;

    public UploadCount Uploads { get; } = new();

    public DateTime? LastUsedAt => Interlocked.Read(ref _ticks) is var ticks and > 0 ? new DateTime(ticks, DateTimeKind.Utc) : null;

    /// <summary>The hint of the key's secret, once a client has shown it to this process; null before.</summary>
    public byte? Hint => Volatile.Read(ref _hint) is >= 0 and var hint ? (byte)hint : null;

    public void Learn(byte hint) => Volatile.Write(ref _hint, hint);

    public void Touch(DateTime now) => Interlocked.Exchange(ref _ticks, now.Ticks);

    /// <summary>The time, if it is not stored yet; null otherwise. Each time is returned once.</summary>
    public DateTime? TakeUnsaved() =>
        Interlocked.Read(ref _ticks) is var ticks && Interlocked.Exchange(ref _flushed, ticks) != ticks
            ? new DateTime(ticks, DateTimeKind.Utc)
            : null;

    /// <summary>Reports that the last <see cref="TakeUnsaved"/> could not be stored.</summary>
    public void NotSaved() => Interlocked.Exchange(ref _flushed, 0);
}
