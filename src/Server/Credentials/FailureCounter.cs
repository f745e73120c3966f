using System.Collections.Concurrent;
using System.Net;

namespace Halley.Server.Credentials;

/// <summary>
/// Counts wrong credentials by address, over all names. This also stops an attacker who tries a few passwords on many names. The counts are
/// kept in memory; the lock of a name, which must hold across instances, is in the database.
/// </summary>
internal sealed class FailureCounter(TimeProvider time)
{
    private const int MostAddresses = 10_000;
    private readonly ConcurrentDictionary<IPAddress, (long Failures, DateTimeOffset Until)> _addresses = new();

    /// <summary>True if the address failed <paramref name="threshold"/> times or more within the time for which failures count.</summary>
    public bool IsBlocked(IPAddress? client, long threshold) => BlockedUntil(client, threshold) is not null;

    /// <summary>When the block ends, if there are no more failures; null if the address is not blocked.</summary>
    public DateTimeOffset? BlockedUntil(IPAddress? client, long threshold) =>
        client is not null && _addresses.TryGetValue(Neighbourhood.Of(client), out var entry)
        && entry.Failures >= threshold && entry.Until > time.GetUtcNow() ? entry.Until : null;

    /// <summary>Counts a failure. All failures of the address then count for <paramref name="cooldown"/> from now.</summary>
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
