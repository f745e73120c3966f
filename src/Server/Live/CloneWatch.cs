namespace Halley.Server.Live;

/// <summary>
/// Notices two machines that use one device id, as after copying a disk: the replaced program connects again, which does not happen after a
/// restart. Not synchronized: the caller holds the lock of <see cref="LiveDevices"/>.
/// </summary>
internal sealed class CloneWatch(TimeProvider time)
{
    private const int MostRemembered = 10_000;
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);
    private readonly Dictionary<DeviceKey, (Guid Replaced, DateTimeOffset At)> _replaced = [];

    /// <summary>True when <paramref name="newcomer"/> was itself replaced within the last hour.</summary>
    public bool IsClone(DeviceKey key, Guid? present, Guid newcomer)
    {
        var now = time.GetUtcNow();
        var isClone = _replaced.TryGetValue(key, out var before) && before.Replaced == newcomer && now - before.At < Remembered;
        if (present is { } replaced)
        {
            if (_replaced.Count >= MostRemembered)
            {
                Forget(now);
            }

            _replaced[key] = (replaced, now);
        }

        return isClone;
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var key in _replaced.Where(one => now - one.Value.At >= Remembered).Select(one => one.Key).ToList())
        {
            _replaced.Remove(key);
        }

        if (_replaced.Count >= MostRemembered)
        {
            _replaced.Clear();
        }
    }
}
