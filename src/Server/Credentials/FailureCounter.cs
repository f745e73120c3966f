using System.Collections.Concurrent;
using System.Net;

namespace Halley.Server.Credentials;

/// <summary>
/// Wrong credentials by address, over all names: whoever tries a few passwords on many names is stopped as well. Kept in memory, since
/// what matters across instances, the lock of a name, is in the database.
/// </summary>
internal sealed class FailureCounter(TimeProvider time)
{
    private const int MostAddresses = 10_000;
    private readonly ConcurrentDictionary<IPAddress, (long Failures, DateTimeOffset Until)> _addresses = new();

    /// <summary>True when the address failed <paramref name="threshold"/> times or more within the time for which failures count.</summary>
    public bool IsBlocked(IPAddress? client, long threshold) => BlockedUntil(client, threshold) is not null;

    /// <summary>When that time is over, if nothing more fails; null when the address is not blocked.</summary>
    public DateTimeOffset? BlockedUntil(IPAddress? client, long threshold) =>
        client is not null && _addresses.TryGetValue(Neighbourhood.Of(client), out var entry)
        && entry.Failures >= threshold && entry.Until > time.GetUtcNow() ? entry.Until : null;

    /// <summary>Counts one failure; each one makes all of them count for <paramref name="cooldown"/> from now on.</summary>
    public void Count(IPAddress? client, TimeSpan cooldown)
    {
        if (client is null)
        {
            return;
        }

        var now = time.GetUtcNow();
        if (_addresses.Count >= MostAddresses)
        {
            foreach (var (address, entry) in _addresses)
            {
                if (entry.Until <= now)
                {
                    _addresses.TryRemove(address, out _);
                }
            }
        }

        if (_addresses.Count < MostAddresses)
        {
            _addresses.AddOrUpdate(
                Neighbourhood.Of(client), (1, now + cooldown), (_, entry) => (entry.Until > now ? entry.Failures + 1 : 1, now + cooldown));
        }
    }
}
