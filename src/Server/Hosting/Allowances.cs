namespace Halley.Server.Hosting;

/// <summary>
/// An amount for each key, which it may use at once and which refills steadily within a time. Kept in memory; a flood of keys drops those
/// that were not used for the longest time.
/// </summary>
internal sealed class Allowances<TKey>(long most, TimeSpan refill, TimeProvider time)
    where TKey : notnull
{
    private const int MostKeys = 10_000;
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, (double Left, long At)> _left = [];

    /// <summary>Takes an amount, or nothing if less is left.</summary>
    public bool TryTake(TKey key, long amount)
    {
        lock (_lock)
        {
            var (left, now) = Left(key);
            if (amount > left)
            {
                return false;
            }

            Set(key, left - amount, now);
            return true;
        }
    }

    /// <summary>Takes an amount that is used already. If less is left, the rest has to refill first.</summary>
    public void Take(TKey key, long amount)
    {
        lock (_lock)
        {
            var (left, now) = Left(key);
            Set(key, left - amount, now);
        }
    }

    private (double Left, long Now) Left(TKey key)
    {
        var now = time.GetTimestamp();
        return _left.TryGetValue(key, out var known)
            ? (Math.Min(most, known.Left + (most * (time.GetElapsedTime(known.At, now) / refill))), now)
            : (most, now);
    }

    private void Set(TKey key, double left, long now)
    {
        _left[key] = (left, now);
        if (_left.Count > MostKeys)
        {
            foreach (var old in _left.OrderBy(entry => entry.Value.At).Take(MostKeys / 4).Select(entry => entry.Key).ToList())
            {
                _left.Remove(old);
            }
        }
    }
}
