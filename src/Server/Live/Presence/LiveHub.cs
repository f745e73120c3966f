using System.Security.Cryptography;
using Halley.Protocol.Live;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Live.Commands;
using Microsoft.AspNetCore.SignalR;

namespace Halley.Server.Live.Presence;

/// <summary>The endpoint of live connections: passes each call of a device to the class that handles it.</summary>
internal sealed class LiveHub(
    LiveSockets sockets, LiveDevices devices, LivePresence presence, CommandRelay relay, ReportedJobs jobs,
    IHubContext<LiveHub, ILiveDevice> hub, TimeProvider time) : Hub<ILiveDevice>, ILiveHub
{
    private const int MostJobs = 1000;

    public override async Task OnConnectedAsync()
    {
        var account = AccountIdentity.From(Context.User!)!;
        if (account.DeviceId is not { } deviceId)
        {
            await Clients.Caller.Leave(new LeaveOrder(
                LeaveReasons.SessionEnded, null, "This is not the session of a device. Start one with the device in the request."));
            Context.Abort();
            return;
        }

        // The client of the context may be used after this call has ended, unlike the hub's own.
        var client = hub.Clients.Client(Context.ConnectionId);
        sockets.Add(new LiveSocket(Context, client, account, deviceId, time.GetUtcNow()));
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        if (sockets.Remove(Context.ConnectionId) is { } socket)
        {
            devices.Detach(socket);
        }

        return Task.CompletedTask;
    }

    public async Task<LiveWelcome> Attach(LiveHello hello)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (ProblemWith(hello) is { } problem)
        {
            return new LiveWelcome(Guid.Empty, 0, now, "hello_invalid", problem);
        }

        if (sockets.Find(Context.ConnectionId) is not { } socket)
        {
            return new LiveWelcome(Guid.Empty, 0, now, "closing", "The server is closing this connection.");
        }

        var address = Context.GetHttpContext()?.Connection.RemoteIpAddress?.ToString() ?? "";
        var device = await presence.AttachAsync(socket, hello, address, Context.ConnectionAborted);
        return new LiveWelcome(device.Id, RandomNumberGenerator.GetInt32(12, 19), now);
    }

    public Task<LiveHeartbeatAnswer> Heartbeat(LiveHeartbeat beat)
    {
        var device = Attached();
        if (beat.Jobs is null || beat.Jobs.Count > MostJobs)
        {
            throw new HubException($"Jobs must be a list of at most {MostJobs} ids.");
        }

        devices.Beat(device, beat);
        return Task.FromResult(new LiveHeartbeatAnswer(time.GetUtcNow().UtcDateTime));
    }

    public Task<LiveAck> Report(CommandReport report) => Task.FromResult(relay.Take(Attached(), report));

    public Task<LiveAck> ReportJob(string job) => jobs.ReportAsync(Attached(), job, Context.ConnectionAborted);

    public Task<LiveAck> AppendJobLog(Guid jobId, long first, string entries) =>
        jobs.AppendLogAsync(Attached(), jobId, first, entries, Context.ConnectionAborted);

    private LocalDevice Attached() => sockets.Find(Context.ConnectionId)?.Device is { } device
        ? device
        : throw new HubException("Call Attach first. If you did, the server is closing this connection.");

    private static string? ProblemWith(LiveHello hello) =>
        hello is not { ClientVersion: not null, Platform: not null, PlatformVersion: not null, TimeZone: not null }
            ? "No field may be null."
        : hello.ProcessId == Guid.Empty ? "ProcessId must be a random GUID, made when the program starts."
        : HelloRules.ProblemWith(nameof(hello.ClientVersion), hello.ClientVersion)
        ?? HelloRules.ProblemWith(nameof(hello.Platform), hello.Platform)
        ?? HelloRules.ProblemWith(nameof(hello.TimeZone), hello.TimeZone)
        ?? HelloRules.ProblemWithPlatformVersion(hello.PlatformVersion);
}
