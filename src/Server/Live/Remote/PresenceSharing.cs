using Halley.Server.Instances;
using StackExchange.Redis;

namespace Halley.Server.Live.Remote;

/// <summary>
/// Tells other instances who is connected to this one: changes as they come, many at once, and all of it in Redis, for who starts later or has missed
/// something. Stops counting for the others when it stops, or when it is silent.
/// </summary>
internal sealed partial class PresenceSharing(
    InstanceBus bus, InstanceSeal seal, PresenceChanges changes, LiveDevices devices, PresenceOfOthers others, RemoteRequestHandling requests, TimeProvider time,
    ILogger<PresenceSharing> logger) : BackgroundService
{
    private readonly string _key = bus.KeyOf(PresenceMessages.KeyOf(bus.Self));
    private long _version;
    private long? _lastBeat;

    // All of it is to be written anew: nobody knows what Redis has of it.
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
        bus.Restored += BeginAnew;
        await bus.TellAllAsync(PresenceMessages.Hello, true);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        bus.Restored -= BeginAnew;
        await bus.TellAllAsync(PresenceMessages.Bye, true);
        try
        {
            await bus.Redis.KeyDeleteAsync(_key);
        }
        catch (Exception failure) when (InstanceBus.IsAway(failure))
        {
            // It goes by itself within seconds.
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

    private void BeginAnew()
    {
        (_isWhole, _isAsked) = (true, true);
        others.BeginAnew();
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
#pragma warning disable CA1031 // the boundary of the loop: the next tick writes all of it anew
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

        _ = all.HashSetAsync(_key, [new HashEntry(PresenceMessages.Version, _version), .. shared.Select(device => new HashEntry(FieldOf(device.Id), seal.Close(device)))]);
        _ = all.HashDeleteAsync(_key, [.. gone.Select(id => (RedisValue)FieldOf(id))]);
        _ = all.KeyExpireAsync(_key, PresenceMessages.Kept);
        await all.ExecuteAsync();
        if (isWhole)
        {
            // Everybody reads it.
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

    [LoggerMessage(LogEvents.PresenceNotShared, LogLevel.Warning, "Other instances could not be told of the devices of this one; that is made good when Redis answers")]
    private partial void LogNotShared(Exception failure);
}
