using System.ComponentModel.DataAnnotations;

namespace Halley.Server.Live;

/// <summary>Live connections of devices (<c>Halley:Live</c>).</summary>
internal sealed class LiveOptions
{
    /// <summary>Devices that may be connected to this instance at the same time; each needs about 40 KB of memory.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 50_000;

    /// <summary>Devices that may wait in the lobby of this instance, where they need no credential.</summary>
    [Range(0, 100_000)]
    public int MaxWaiting { get; set; } = 1000;

    /// <summary>
    /// Devices that are admitted per second; the others get a time to retry, so that many devices that reconnect do not overload the
    /// server.
    /// </summary>
    [Range(1, 100_000)]
    public int ConnectionsPerSecond { get; set; } = 250;

    /// <summary>Seconds over which the devices spread their reconnects when this instance stops.</summary>
    [Range(0, 3600)]
    public int DrainSeconds { get; set; } = 30;

    /// <summary>Hours without a report after which a running job of an offline device is abandoned.</summary>
    [Range(1, 8760)]
    public int AbandonJobsAfterHours { get; set; } = 48;

    /// <summary>Days after which ended commands are removed.</summary>
    [Range(1, 3650)]
    public int CommandRetainedDays { get; set; } = 30;
}
