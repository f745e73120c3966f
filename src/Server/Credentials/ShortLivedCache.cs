using System.Collections.Concurrent;

namespace Halley.Server.Credentials;

/// <summary>
/// Caches results about credentials, each for a fixed time. The size is bounded: a full cache drops expired entries first, then a part of
/// the rest, so no flood of credentials can fill the memory.
/// </summary>
internal sealed class ShortLivedCache<TKey, TValue>(int capacity, TimeSpan lifetime, TimeProvider time)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, (TValue Value, long Expires)> _entries = new();
    private readonly Lock _sweeping = new();
    private int _count;

    public bool TryGet(TKey key, out TValue value)
    {
        if (_entries.TryGetValue(key, out var entry) && entry.Expires > Now())
        {
            value = entry.Value;
            return true;
        }

        value = default!;
        return false;
    }

    public void Set(TKey key, TValue value)
    {
        var entry = (value, Now() + lifetime.Ticks);
        if (_entries.TryAdd(key, entry))
        {
            if (Interlocked.Increment(ref _count) > capacity)
            {
                MakeRoom();
            }
        }
        else
        {
            _entries[key] = entry;
        }
    }

    private long Now() => time.GetUtcNow().UtcTicks;

    private void MakeRoom()
    {
        // One sweep at a time is enough; other requests continue without one.
        if (!_sweeping.TryEnter())
        {
            return;
        }

        try
        {
            var now = Now();
            Remove(_entries.Where(entry => entry.Value.Expires <= now));
            Remove(_entries.Take(Math.Max(0, Volatile.Read(ref _count) - (capacity * 3 / 4))));
        }
        finally
        {
            _sweeping.Exit();
        }
    }

    private void Remove(IEnumerable<KeyValuePair<TKey, (TValue Value, long Expires)>> entries)
    {
        foreach (var entry in entries)
        {
            if (_entries.TryRemove(entry.Key, out _))
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }
}
