using Halley.Protocol.Live;

namespace Halley.Server.Live;

/// <summary>A device by which everybody means the same one.</summary>
internal readonly record struct DeviceKey(Guid AccountId, string DeviceId);

/// <summary>
/// A device that is connected, to this instance or to another one. It counts as connected for ten seconds more after its line is down, so that
/// this is nobody's concern. What changes is changed under the lock of <see cref="LiveDevices"/>.
/// </summary>
internal abstract class LiveDevice(Guid id, DeviceKey key, string username, string organizationId, DateTimeOffset since)
{
    /// <summary>The vendor's TargetID. It stays while the same program changes its socket, also to one at another instance.</summary>
    public Guid Id => id;

    public DeviceKey Key => key;

    public string Username => username;

    public string OrganizationId => organizationId;

    public DateTimeOffset Since { get; } = since;

    public required LiveHello Hello { get; set; }

    public required string Address { get; set; }

    public DateTimeOffset LastSeen { get; set; } = since;

    /// <summary>How far its clock is ahead of ours, without the time a message takes.</summary>
    public TimeSpan ClockAhead { get; set; }

    /// <summary>True when another machine seems to use the same id.</summary>
    public bool IsCloned { get; init; }

    /// <summary>When it attached, in an order in which each attach that knows of another one is later: of two instances that have the device, the later is right.</summary>
    public long Turn { get; set; }

    /// <summary>True while its line is down and may come back.</summary>
    public abstract bool IsReconnecting { get; }
}

/// <summary>A device that is connected to this instance.</summary>
internal sealed class LocalDevice(Guid id, DeviceKey key, LiveSocket socket, DateTimeOffset since)
    : LiveDevice(id, key, socket.Account.Username, socket.Account.OrganizationId, since)
{
    private int _waiting;

    /// <summary>The websocket it speaks on; null since <see cref="DetachedAt"/>.</summary>
    public LiveSocket? Socket { get; set; } = socket;

    public DateTimeOffset? DetachedAt { get; set; }

    /// <summary>Ids of the jobs it named with its last heart-beat, and with the one before; null before there was one.</summary>
    public (IReadOnlyCollection<Guid>? Last, IReadOnlyCollection<Guid>? Before) Jobs { get; set; }

    /// <summary>When other instances were last told of it.</summary>
    public DateTimeOffset SharedAt { get; set; } = since;

    public override bool IsReconnecting => Socket is null;

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

/// <summary>A device that is connected to another instance, as that one last told of it.</summary>
internal sealed class RemoteDevice(Guid id, DeviceKey key, string username, string organizationId, DateTimeOffset since)
    : LiveDevice(id, key, username, organizationId, since)
{
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The instance.</summary>
    public required Guid Owner { get; init; }

    public bool IsAway { get; set; }

    public override bool IsReconnecting => IsAway;

    /// <summary>Done when it is not connected to that instance any more.</summary>
    public Task Gone => _gone.Task;

    public void Leave() => _gone.TrySetResult();
}
