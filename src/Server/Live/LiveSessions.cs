using System.Threading.Channels;
using Halley.Protocol.Events;
using Halley.Protocol.Live;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.Events;
using Halley.Server.Settings;

namespace Halley.Server.Live;

/// <summary>
/// A connection lasts as long as the session it was made with. Being connected keeps a session alive until its final end; one that was
/// revoked, or whose account or tenant was suspended or removed, ends within a moment, because the events tell of it.
/// </summary>
internal sealed partial class LiveSessions(
    AccountSessions sessions, LiveSockets sockets, LivePresence presence, EventFeed feed, ServerSettings settings, ILogger<LiveSessions> logger)
    : BackgroundService
{
    private const int Capacity = 1000;
    private static readonly LeaveOrder SignInAgain =
        new(LeaveReasons.SessionEnded, null, "The session has ended, or the account may not sign in any more; sign in again.");

    private static readonly LeaveOrder RoleOff = new(LeaveReasons.SentAway, 300, "The Auth Role of this server was switched off.");

    /// <summary>Keeps all sessions alive, and closes the connections of those that have ended, or all when the Auth Role was switched off.</summary>
    public Task RunOnceAsync(CancellationToken cancellationToken) => settings.Current.AuthenticationRole.RoleEnabled
        ? LookAsync(_ => true, cancellationToken)
        : Task.WhenAll(sockets.All.Select(socket => EndAsync(socket, RoleOff)));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // the boundary of the loop: the minute's look finds what was missed here
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogFailed(failure);
            }
        }
    }

    private async Task FollowAsync(CancellationToken stopping)
    {
        using var events = feed.Subscribe(EventTenant.All, Capacity);
        await foreach (var record in events.Events.ReadAllAsync(stopping))
        {
            if (sockets.Count > 0 && MayEndSessions(record.Type))
            {
                var tenant = record.OrganizationId;
                await LookAsync(
                    socket => record.Type is StreamableEventType.TenantUpdated or StreamableEventType.TenantRemoved
                        || (socket.Account.OrganizationId == tenant && IsAbout(record, socket)),
                    stopping);
            }
        }

        if (events.IsDropped)
        {
            await LookAsync(_ => true, stopping);
        }
    }

    private static bool MayEndSessions(StreamableEventType type) => type is StreamableEventType.AccountSessionRevoke or StreamableEventType.AccountSessionExpire
        or StreamableEventType.AccountUpdated or StreamableEventType.AccountRemoved or StreamableEventType.DeviceRemoved
        or StreamableEventType.TenantUpdated or StreamableEventType.TenantRemoved;

    private static bool IsAbout(EventRecord record, LiveSocket socket) =>
        record.ResourceId == (record.Type == StreamableEventType.DeviceRemoved ? socket.DeviceId : socket.Account.Username);

    private async Task LookAsync(Func<LiveSocket, bool> which, CancellationToken cancellationToken)
    {
        var looked = sockets.All.Where(which).ToList();
        if (looked.Count == 0)
        {
            return;
        }

        var good = await sessions.KeepAliveAsync([.. looked.Select(socket => socket.Account.SessionId).OfType<Guid>().Distinct()], cancellationToken);
        foreach (var socket in looked.Where(socket => socket.Account.SessionId is not { } session || !good.Contains(session)))
        {
            await EndAsync(socket, SignInAgain);
        }
    }

    private Task EndAsync(LiveSocket socket, LeaveOrder order) =>
        socket.Device is { } device && device.Socket == socket ? presence.DismissAsync(device, order) : presence.CloseAsync(socket, order);

    [LoggerMessage(LogEvents.LiveSessionsNotFollowed, LogLevel.Error, "Events about sessions could not be followed; they are again")]
    private partial void LogFailed(Exception failure);
}
