using Halley.Server.Instances;
using StackExchange.Redis;

namespace Halley.Server.Live.Remote;

/// <summary>
/// Shares the devices of this instance with the others: changes as messages, many at once, and all devices in Redis, for instances that
/// start later or have missed a message. For the others, this instance is gone when it says so or goes silent.
/// </summary>
internal sealed partial class PresenceSharing(
    InstanceBus bus, InstanceSeal seal, PresenceChanges changes, LiveDevices devices, PresenceOfOthers others,
    RemoteRequestHandling requests, TimeProvider time, ILogger<PresenceSharing> logger) : BackgroundService
{
    private readonly string _key = bus.KeyOf(PresenceMessages.KeyOf(bus.Self));
    private long _version;
    private long? _lastBeat;

    // True when all devices must be written again, because the content of Redis is unknown.
    private volatile bool _isWhole = true;
    private volatile bool _isAsked;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        bus.On<bool>(PresenceMessages.Hello, (_, _) =>
        {
            _isAsked = true;
            return Task.CompletedTask;
        });
        requests.Listen();
        bus.Restored += ShareAll;
        await bus.TellAllAsync(PresenceMessages.Hello, true);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        bus.Restored -= ShareAll;
        await bus.TellAllAsync(PresenceMessages.Bye, true);
        try
        {
            await bus.Redis.KeyDeleteAsync(_key);
        }
        catch (Exception failure) when (InstanceBus.IsAway(failure))
        {
            // The key expires within seconds.
            LogNotShared(failure);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PresenceMessages.Tick, time);
        try
        {
            do
            {
                if (bus.IsConnected)
                {
                    await ShareSafelyAsync();
                }

                others.Sweep();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private void ShareAll()
    {
        (_isWhole, _isAsked) = (true, true);
        others.RestartLimits();
        _ = bus.TellAllAsync(PresenceMessages.Hello, true);
    }

    private async Task ShareSafelyAsync()
    {
        try
        {
            await ShareAsync();
            if (_isAsked || _lastBeat is not { } last || time.GetElapsedTime(last) >= PresenceMessages.BeatEvery)
            {
                _isAsked = false;
                await BeatAsync();
            }
        }
#pragma warning disable CA1031 // the boundary of the loop: the next tick writes everything again
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _isWhole = true;
            LogNotShared(failure);
        }
    }

    private async Task ShareAsync()
    {
        var changed = changes.Take();
        var isWhole = _isWhole;
        if (changed.Count == 0 && !isWhole)
        {
            return;
        }

        _isWhole = false;
        var shared = devices.Shared(isWhole ? devices.LocalIds() : changed);
        List<Guid> gone = [.. changed.Except(shared.Select(device => device.Id))];
        _version++;
        var all = bus.Redis.CreateTransaction();
        if (isWhole)
        {
            _ = all.KeyDeleteAsync(_key);
        }

        var entries = shared.Select(device => new HashEntry(FieldOf(device.Id), seal.Close(device)));
        _ = all.HashSetAsync(_key, [new HashEntry(PresenceMessages.Version, _version), .. entries]);
        _ = all.HashDeleteAsync(_key, [.. gone.Select(id => (RedisValue)FieldOf(id))]);
        _ = all.KeyExpireAsync(_key, PresenceMessages.Kept);
        await all.ExecuteAsync();
        if (isWhole)
        {
            // The next beat makes every instance read it.
            _isAsked = true;
        }
        else
        {
            await bus.TellAllAsync(PresenceMessages.Update, new PresenceUpdate(_version, shared, gone));
        }
    }

    private async Task BeatAsync()
    {
        _lastBeat = time.GetTimestamp();
        if (!await bus.Redis.KeyExpireAsync(_key, PresenceMessages.Kept))
        {
            _isWhole = true;
        }

        await bus.TellAllAsync(PresenceMessages.Beat, _version);
    }

    private static string FieldOf(Guid id) => id.ToString("N");

    [LoggerMessage(
        LogEvents.PresenceNotShared, LogLevel.Warning,
        "Sharing the devices of this instance with the others failed; it is repeated when Redis is available")]
    private partial void LogNotShared(Exception failure);
}
