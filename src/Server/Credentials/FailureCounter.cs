using System.Net;
using Halley.Server.Hosting;

namespace Halley.Server.Credentials;

/// <summary>
/// Counts wrong credentials by address, over all names. This also stops an attacker who tries a few passwords on many names. The counts are
/// kept in memory; the lock of a name, which must hold across instances, is in the database.
/// </summary>
internal sealed class FailureCounter(TimeProvider time)
{
    private const int MostAddresses = 10_000;
    private readonly BoundedCache<IPAddress, long> _addresses = new(MostAddresses, time);

    /// <summary>True if the address failed <paramref name="threshold"/> times or more within the time for which failures count.</summary>
    public bool IsBlocked(IPAddress? client, long threshold) => BlockedUntil(client, threshold) is not null;

    /// <summary>When the block ends, if there are no more failures; null if the address is not blocked.</summary>
    public DateTimeOffset? BlockedUntil(IPAddress? client, long threshold) =>
        client is not null && _addresses.Find(Neighbourhood.Of(client)) is { } failures && failures.Value >= threshold
            ? failures.Until
            : null;

    /// <summary>Counts a failure. All failures of the address then count for <paramref name="cooldown"/> from now.</summary>
    public void Count(IPAddress? client, TimeSpan cooldown)
    {
        if (client is not null)
        {
            _addresses.Change(
                Neighbourhood.Of(client), known => new Cached<long>((known?.Value ?? 0) + 1, time.GetUtcNow() + cooldown));
        }
    }
}
