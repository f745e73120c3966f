using System.Collections.Concurrent;

namespace Halley.Server.Credentials;

/// <summary>An entry of a <see cref="BoundedCache{TKey, TValue}"/> and the time at which it ends.</summary>
internal readonly record struct Cached<TValue>(TValue Value, DateTimeOffset Until);

/// <summary>
/// Remembers results about credentials, each until a time. The size is bounded: a full cache drops expired entries first, then a part of
/// the rest, so no flood of credentials or addresses can fill the memory.
/// </summary>
internal sealed class BoundedCache<TKey, TValue>(int capacity, TimeProvider time)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Cached<TValue>> _entries = new();
    private readonly Lock _sweeping = new();
    private int _count;

    /// <summary>The entry of a key; null if there is none or it has expired.</summary>
    public Cached<TValue>? Find(TKey key) =>
        _entries.TryGetValue(key, out var entry) && entry.Until > time.GetUtcNow() ? entry : null;

    public void Set(TKey key, TValue value, TimeSpan lifetime) => Change(key, _ => new Cached<TValue>(value, time.GetUtcNow() + lifetime));

    /// <summary>Adds an entry. Returns false if there is one already: of concurrent calls only one succeeds.</summary>
    public bool TryAdd(TKey key, TValue value, TimeSpan lifetime)
    {
        var isNew = false;
        Change(key, known =>
        {
            isNew = known is null;
            return known ?? new Cached<TValue>(value, time.GetUtcNow() + lifetime);
        });
        return isNew;
    }

    /// <summary>
    /// Replaces the entry of a key, null if there is none, and returns the new one. No concurrent change is lost; after one,
    /// <paramref name="change"/> runs again.
    /// </summary>
    public Cached<TValue> Change(TKey key, Func<Cached<TValue>?, Cached<TValue>> change)
    {
        while (true)
        {
            if (_entries.TryGetValue(key, out var stored))
            {
                var next = change(stored.Until > time.GetUtcNow() ? stored : null);
                if (_entries.TryUpdate(key, next, stored))
                {
                    return next;
                }
            }
            else
            {
                var first = change(null);
                if (_entries.TryAdd(key, first))
                {
                    if (Interlocked.Increment(ref _count) > capacity)
                    {
                        MakeRoom();
                    }

                    return first;
                }
            }
        }
    }

    private void MakeRoom()
    {
        // One sweep at a time is enough; other requests continue without one.
        if (!_sweeping.TryEnter())
        {
            return;
        }

        try
        {
            var now = time.GetUtcNow();
            Remove(_entries.Where(entry => entry.Value.Until <= now));
            Remove(_entries.Take(Math.Max(0, Volatile.Read(ref _count) - (capacity * 3 / 4))));
        }
        finally
        {
            _sweeping.Exit();
        }
    }

    private void Remove(IEnumerable<KeyValuePair<TKey, Cached<TValue>>> entries)
    {
        foreach (var entry in entries)
        {
            if (_entries.TryRemove(entry))
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }
}
