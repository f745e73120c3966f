using Halley.Protocol;
using Halley.Storage;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// A bucket as the vault needs it, in memory: no upload or download asks the database anything. Changes to its keys replace
/// <see cref="Keys"/> and count for the next request.
/// </summary>
internal sealed class OpenBucket(string id, IBlobStore store, BucketUsage usage)
{
    public string Id => id;

    public IBlobStore Store => store;

    public BucketUsage Usage => usage;

    public IReadOnlyList<AccessKey> Keys { get; private set; } = [];

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

/// <summary>When a key was last used; stays the same object when the bucket's keys are replaced.</summary>
internal sealed class KeyUse(DateTime? stored)
{
    private long _ticks = stored?.Ticks ?? 0;
    private long _flushed = stored?.Ticks ?? 0;

    public DateTime? LastUsedAt => Interlocked.Read(ref _ticks) is var ticks and > 0 ? new DateTime(ticks, DateTimeKind.Utc) : null;

    public void Touch(DateTime now) => Interlocked.Exchange(ref _ticks, now.Ticks);

    /// <summary>The time to be stored, once; null when it is stored already.</summary>
    public DateTime? TakeUnsaved() =>
        Interlocked.Read(ref _ticks) is var ticks && Interlocked.Exchange(ref _flushed, ticks) != ticks ? new DateTime(ticks, DateTimeKind.Utc) : null;

    /// <summary>The last <see cref="TakeUnsaved"/> could not be stored after all.</summary>
    public void NotSaved() => Interlocked.Exchange(ref _flushed, 0);
}
