using System.Globalization;
using Halley.Server.Instances;
using Halley.Server.Live.Presence;
using StackExchange.Redis;

namespace Halley.Server.Live.Remote;

/// <summary>
/// Keeps the devices of the other instances in memory. After a missed message it reads all devices of an instance from Redis; an instance
/// that has gone silent counts as gone, and its devices as disconnected.
/// </summary>
internal sealed partial class PresenceOfOthers
{
    private readonly InstanceBus _bus;
    private readonly InstanceSeal _seal;
    private readonly LiveDevices _devices;
    private readonly LivePresence _presence;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Other> _others = [];
    private bool _isDeaf;

    public PresenceOfOthers(
        InstanceBus bus, InstanceSeal seal, LiveDevices devices, LivePresence presence, TimeProvider time, ILogger<PresenceOfOthers> logger)
    {
        (_bus, _seal, _devices, _presence, _time, _logger) = (bus, seal, devices, presence, time, logger);
        bus.On<PresenceUpdate>(PresenceMessages.Update, TakeAsync);
        bus.On<long>(PresenceMessages.Beat, TakeBeatAsync);
        bus.On<bool>(PresenceMessages.Bye, (from, _) => TakeByeAsync(from));
    }

    /// <summary>Restarts the time limit of all instances, after Redis was unavailable and no message could arrive.</summary>
    public void RestartLimits()
    {
        lock (_lock)
        {
            foreach (var other in _others.Values)
            {
                other.HeardAt = _time.GetTimestamp();
            }
        }
    }

    /// <summary>Forgets the instances that are silent.</summary>
    public void Sweep()
    {
        if (_isDeaf && _bus.IsConnected)
        {
            RestartLimits();
        }

        _isDeaf = !_bus.IsConnected;
        List<Guid> silent;
        lock (_lock)
        {
            silent = [.. _others.Where(other => _time.GetElapsedTime(other.Value.HeardAt) >= PresenceMessages.Silence)
                .Select(other => other.Key)];
        }

        foreach (var instance in silent)
        {
            if (!_isDeaf)
            {
                LogSilent(instance);
            }

            Lose(instance);
        }
    }

    private async Task TakeAsync(Guid from, PresenceUpdate update)
    {
        var other = Hear(from);
        if (update.Version == other.Version + 1)
        {
            other.Version = update.Version;
            foreach (var device in update.Devices)
            {
                Learn(from, device);
            }

            foreach (var id in update.Gone)
            {
                _devices.Forget(from, id);
            }
        }
        else if (update.Version > other.Version)
        {
            await ReadAllAsync(from, other);
        }
    }

    private Task TakeBeatAsync(Guid from, long version)
    {
        var other = Hear(from);
        return version == other.Version ? Task.CompletedTask : ReadAllAsync(from, other);
    }

    private Task TakeByeAsync(Guid from)
    {
        Lose(from);
        return Task.CompletedTask;
    }

    private Other Hear(Guid instance)
    {
        lock (_lock)
        {
            if (!_others.TryGetValue(instance, out var other))
            {
                _others[instance] = other = new Other();
            }

            other.HeardAt = _time.GetTimestamp();
            return other;
        }
    }

    private async Task ReadAllAsync(Guid instance, Other other)
    {
        HashEntry[] entries;
        try
        {
            entries = await _bus.Redis.HashGetAllAsync(_bus.KeyOf(PresenceMessages.KeyOf(instance)));
        }
        catch (Exception failure) when (InstanceBus.IsAway(failure))
        {
            // The next beat has a newer version, so this is tried again.
            return;
        }

        if (entries.Length == 0)
        {
            // Redis has lost the entry; the instance writes it again with its next beat.
            return;
        }

        var ids = new HashSet<Guid>();
        foreach (var entry in entries.Where(entry => entry.Name != PresenceMessages.Version))
        {
            var device = _seal.Open<SharedDevice>(entry.Value!);
            ids.Add(device.Id);
            Learn(instance, device);
        }

        _devices.ForgetAll(instance, ids);
        var version = entries.Single(entry => entry.Name == PresenceMessages.Version).Value.ToString();
        other.Version = long.Parse(version, CultureInfo.InvariantCulture);
    }

    private void Learn(Guid owner, SharedDevice device)
    {
        if (_devices.Learn(owner, device) is { } yielded)
        {
            // Runs beside the message loop, because sending to a device may take time.
            _ = Task.Run(() => _presence.YieldAsync(yielded));
        }
    }

    // Each instance writes the events of its own devices. For an instance that is gone, the first of the remaining ones does it.
    private void Lose(Guid instance)
    {
        bool isFirst;
        lock (_lock)
        {
            _others.Remove(instance);
            isFirst = _others.Keys.All(other => _bus.Self.CompareTo(other) < 0);
        }

        var gone = _devices.ForgetAll(instance, new HashSet<Guid>());
        if (isFirst && !_isDeaf)
        {
            _presence.DisconnectAll(gone);
        }
    }

    private sealed class Other
    {
        public long Version { get; set; } = -1;

        public long HeardAt { get; set; }
    }

    [LoggerMessage(
        LogEvents.InstanceSilent, LogLevel.Warning, "The instance {Instance} has gone silent; its devices count as disconnected")]
    private partial void LogSilent(Guid instance);
}
