using Halley.Protocol.Live;

namespace Halley.Server.Live;

/// <summary>The identity of a device; its id alone is unique only in its account.</summary>
internal readonly record struct DeviceKey(Guid AccountId, string DeviceId);

/// <summary>A device that is registered for an account, connected or not.</summary>
internal sealed record RegisteredDevice(DeviceKey Key, string Username, string OrganizationId);

/// <summary>
/// A device that is connected to this instance or to another one. It counts as connected for ten seconds after its websocket has ended, so
/// that a reconnect goes unnoticed. Its fields change only under the lock of <see cref="LiveDevices"/>.
/// </summary>
internal abstract class LiveDevice(Guid id, DeviceKey key, string username, string organizationId, DateTimeOffset since)
{
    /// <summary>The vendor's TargetID. It stays the same when the program changes its socket, also to another instance.</summary>
    public Guid Id => id;

    public DeviceKey Key => key;

    public string Username => username;

    public string OrganizationId => organizationId;

    public DateTimeOffset Since { get; } = since;

    public required LiveHello Hello { get; set; }

    public required string Address { get; set; }

    public DateTimeOffset LastSeen { get; set; } = since;

    /// <summary>How far its clock is ahead of the server's; the travel time of a message is not counted.</summary>
    public TimeSpan ClockAhead { get; set; }

    /// <summary>True when another machine seems to use the same id.</summary>
    public bool IsCloned { get; init; }

    /// <summary>
    /// When it attached, such that an attach that knows of another one is always later. When two instances have the device, the later one
    /// is right.
    /// </summary>
    public long Turn { get; set; }

    /// <summary>True in the grace time after its websocket has ended.</summary>
    public abstract bool IsReconnecting { get; }
}

/// <summary>A device that is connected to this instance.</summary>
internal sealed class LocalDevice(Guid id, DeviceKey key, LiveSocket socket, DateTimeOffset since)
    : LiveDevice(id, key, socket.Account.Username, socket.Account.OrganizationId, since)
{
    private int _waiting;

    /// <summary>Its websocket; null since <see cref="DetachedAt"/>.</summary>
    public LiveSocket? Socket { get; set; } = socket;

    public DateTimeOffset? DetachedAt { get; set; }

    /// <summary>Ids of the running jobs in its last two heartbeats; null before there was one.</summary>
    public (IReadOnlyCollection<Guid>? Last, IReadOnlyCollection<Guid>? Before) Jobs { get; set; }

    /// <summary>When its state was last sent to other instances.</summary>
    public DateTimeOffset SharedAt { get; set; } = since;

    public override bool IsReconnecting => Socket is null;

    /// <summary>Counts a command that waits for its answer; false when the limit is reached.</summary>
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

/// <summary>A device that is connected to another instance, as that instance last described it.</summary>
internal sealed class RemoteDevice(Guid id, DeviceKey key, string username, string organizationId, DateTimeOffset since)
    : LiveDevice(id, key, username, organizationId, since)
{
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The instance.</summary>
    public required Guid Owner { get; init; }

    public bool IsAway { get; set; }

    public override bool IsReconnecting => IsAway;

    /// <summary>Completes when it has left that instance.</summary>
    public Task Gone => _gone.Task;

    public void Leave() => _gone.TrySetResult();
}
