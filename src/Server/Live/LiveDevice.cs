using Halley.Protocol.Live;

namespace Halley.Server.Live;

/// <summary>A device by which everybody means the same one.</summary>
internal readonly record struct DeviceKey(Guid AccountId, string DeviceId);

/// <summary>
/// A device that is connected, or was until a moment ago: it counts as connected for ten seconds more, so that a dropped line is nobody's
/// concern. What changes is changed under the lock of <see cref="LiveDevices"/>.
/// </summary>
internal sealed class LiveDevice(DeviceKey key, LiveSocket socket, LiveHello hello, string address, DateTimeOffset since)
{
    private int _waiting;

    /// <summary>The vendor's TargetID.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    public DeviceKey Key => key;

    public string Username { get; } = socket.Account.Username;

    public string OrganizationId { get; } = socket.Account.OrganizationId;

    public LiveHello Hello { get; set; } = hello;

    public string Address { get; set; } = address;

    public DateTimeOffset Since { get; } = since;

    public DateTimeOffset LastSeen { get; set; } = since;

    /// <summary>The websocket it speaks on; null since <see cref="DetachedAt"/>.</summary>
    public LiveSocket? Socket { get; set; } = socket;

    public DateTimeOffset? DetachedAt { get; set; }

    /// <summary>How far its clock is ahead of ours, without the time a message takes.</summary>
    public TimeSpan ClockAhead { get; set; }

    /// <summary>Ids of the jobs it named with its last heart-beat, and with the one before; null before there was one.</summary>
    public (IReadOnlyCollection<Guid>? Last, IReadOnlyCollection<Guid>? Before) Jobs { get; set; }

    /// <summary>True when another machine seems to use the same id.</summary>
    public bool IsCloned { get; set; }

    /// <summary>Counts a command that waits for its answer; false when there are as many as may.</summary>
    public bool TryWait(int most)
    {
        if (Interlocked.Increment(ref _waiting) <= most)
        {
            return true;
        }

        EndWait();
        return false;
    }

    public void EndWait() => Interlocked.Decrement(ref _waiting);
}
