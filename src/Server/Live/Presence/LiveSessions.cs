using System.Threading.Channels;
using Halley.Protocol.Events;
using Halley.Protocol.Live;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.Events;
using Halley.Server.Settings;

namespace Halley.Server.Live.Presence;

/// <summary>
/// Ends connections whose session has ended. A connection keeps its session alive until the final end of the session; events about revoked
/// sessions and about suspended or removed accounts and tenants end it within a moment.
/// </summary>
internal sealed partial class LiveSessions(
    AccountSessions sessions, LiveSockets sockets, LivePresence presence, EventFeed feed, ServerSettings settings,
    ILogger<LiveSessions> logger)
    : BackgroundService
{
    private const int Capacity = 1000;
    private static readonly LeaveOrder SignInAgain =
        new(LeaveReasons.SessionEnded, null, "The session has ended, or the account may no longer sign in. Sign in again.");

    private static readonly LeaveOrder RoleOff = new(LeaveReasons.SentAway, 300, "The Auth Role of this server was switched off.");

    /// <summary>
    /// Keeps sessions alive and closes connections whose session has ended; all of them when the Auth Role is switched off.
    /// </summary>
    public Task RunOnceAsync(CancellationToken cancellationToken) => settings.Current.AuthenticationRole.RoleEnabled
        ? CheckAsync(_ => true, cancellationToken)
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
#pragma warning disable CA1031 // the boundary of the loop: the check of every minute finds what was missed here
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogFailed(failure);
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var events = feed.Subscribe(EventTenant.All, Capacity);
        await foreach (var record in events.Events.ReadAllAsync(cancellationToken))
        {
            if (sockets.Count > 0 && MayEndSessions(record.Type))
            {
                var tenant = record.OrganizationId;
                await CheckAsync(
                    socket => record.Type is StreamableEventType.TenantUpdated or StreamableEventType.TenantRemoved
                        || (socket.Account.OrganizationId == tenant && IsAbout(record, socket)),
                    cancellationToken);
            }
        }

        if (events.IsDropped)
        {
            await CheckAsync(_ => true, cancellationToken);
        }
    }

    private static bool MayEndSessions(StreamableEventType type) => type is
        StreamableEventType.AccountSessionRevoke or StreamableEventType.AccountSessionExpire or StreamableEventType.AccountUpdated
        or StreamableEventType.AccountRemoved or StreamableEventType.DeviceRemoved
        or StreamableEventType.TenantUpdated or StreamableEventType.TenantRemoved;

    private static bool IsAbout(EventRecord record, LiveSocket socket) =>
        record.ResourceId == (record.Type == StreamableEventType.DeviceRemoved ? socket.DeviceId : socket.Account.Username);

    private async Task CheckAsync(Func<LiveSocket, bool> which, CancellationToken cancellationToken)
    {
        var checkedSockets = sockets.All.Where(which).ToList();
        if (checkedSockets.Count == 0)
        {
            return;
        }

        var ids = checkedSockets.Select(socket => socket.Account.SessionId).OfType<Guid>().Distinct();
        var good = await sessions.KeepAliveAsync([.. ids], cancellationToken);
        foreach (var socket in checkedSockets.Where(socket => socket.Account.SessionId is not { } session || !good.Contains(session)))
        {
            await EndAsync(socket, SignInAgain);
        }
    }

    private Task EndAsync(LiveSocket socket, LeaveOrder order) =>
        socket.Device is { } device && device.Socket == socket ? presence.DismissAsync(device, order) : presence.CloseAsync(socket, order);

    [LoggerMessage(LogEvents.LiveSessionsNotFollowed, LogLevel.Error, "Following the events about sessions failed; the server tries again")]
    private partial void LogFailed(Exception failure);
}
