using System.Text.Json;
using System.Threading.Channels;
using Halley.Protocol.Events;
using Halley.Server.AuthRole.Devices;
using Halley.Server.Data;
using Halley.Server.Events;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Live.Presence;

/// <summary>
/// Writes events of devices that connect and disconnect, and when they were last seen: many at once, because after a restart all devices
/// reconnect within seconds. What is not yet written when the process is killed is lost; the devices reconnect.
/// </summary>
internal sealed partial class LiveEvents(IDbContextFactory<ServerDbContext> databases, TimeProvider time, ILogger<LiveEvents> logger)
    : BackgroundService
{
    private const int AtOnce = 500;
    private const int MostWaiting = 100_000;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);
    private readonly Channel<Change> _changes = Channel.CreateBounded<Change>(MostWaiting);

    public void Connected(LiveDevice device) => Offer(StreamableEventType.DeviceLiveConnect, device);

    public void Disconnected(LiveDevice device) => Offer(StreamableEventType.DeviceLiveDisconnect, device);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _changes.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The end of the channel stops the loop, not the token, so that everything in the channel is written.
        while (await _changes.Reader.WaitToReadAsync(CancellationToken.None))
        {
            var batch = new List<Change>();
            while (batch.Count < AtOnce && _changes.Reader.TryRead(out var change))
            {
                batch.Add(change);
            }

            await SaveAsync(batch, stoppingToken);
        }
    }

    private async Task SaveAsync(List<Change> batch, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await using var database = await databases.CreateDbContextAsync(CancellationToken.None);
                database.AddRange(batch.Select(change => EventRecord.Of(
                    change.Type, change.At, change.Device.Username, change.Device.OrganizationId,
                    change.Device.Key.DeviceId, DataOf(change.Device))));
                await database.SaveChangesAsync(CancellationToken.None);
                await TouchAsync(database, batch);
                return;
            }
#pragma warning disable CA1031 // the boundary of the loop: the database may be back at the next try
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogNotSaved(failure);
                if (cancellationToken.IsCancellationRequested || tries == 3)
                {
                    return;
                }
            }

            await Task.Delay(Again, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task TouchAsync(ServerDbContext database, List<Change> batch)
    {
        var now = batch.Max(change => change.At).UtcDateTime;
        foreach (var account in batch.GroupBy(change => change.Device.Key.AccountId, change => change.Device.Key.DeviceId))
        {
            var ids = account.Distinct().ToList();
            await database.Set<Device>().Where(device => device.AccountId == account.Key && ids.Contains(device.DeviceId))
                .ExecuteUpdateAsync(change => change.SetProperty(device => device.LastSeenAt, now), CancellationToken.None);
        }
    }

    private void Offer(StreamableEventType type, LiveDevice device) => _changes.Writer.TryWrite(new Change(type, device, time.GetUtcNow()));

    private static string DataOf(LiveDevice device) => JsonSerializer.Serialize(new
    {
        device.Username,
        ConnectionID = device.Id,
        IPAddress = device.Address,
        ReportedVersion = device.Hello.ClientVersion,
        ReportedPlatform = device.Hello.Platform,
        Cloned = device.IsCloned,
    });

    private sealed record Change(StreamableEventType Type, LiveDevice Device, DateTimeOffset At);

    [LoggerMessage(
        LogEvents.LiveEventsNotSaved, LogLevel.Error, "The server could not write events of devices that connected or disconnected")]
    private partial void LogNotSaved(Exception failure);
}
