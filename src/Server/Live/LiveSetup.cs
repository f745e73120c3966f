using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.Hosting;
using Halley.Server.Instances;
using Halley.Server.Live.Commands;
using Halley.Server.Live.Lobby;
using Halley.Server.Live.Remote;
using Halley.Server.Periodic;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;

namespace Halley.Server.Live;

internal static class LiveSetup
{
    // Of the folder of a snapshot with tens of thousands of files.
    private const long LongestMessage = 16 * 1024 * 1024;
    private const long LongestFromStranger = 16 * 1024;

    public static void AddLive(this WebApplicationBuilder builder, InstancesOptions instances)
    {
        var options = builder.AddOptionsOf<LiveOptions>("Live");
        var services = builder.Services;
        services.AddSignalR(hub =>
        {
            // Under what nginx, HAProxy and NAT allow to be silent; the heart-beats of the devices come sooner.
            hub.KeepAliveInterval = TimeSpan.FromSeconds(20);
            hub.ClientTimeoutInterval = TimeSpan.FromSeconds(45);
            hub.HandshakeTimeout = TimeSpan.FromSeconds(15);
            hub.MaximumReceiveMessageSize = LongestMessage;
            hub.MaximumParallelInvocationsPerClient = 1;
        }).AddMessagePackProtocol().AddHubOptions<LobbyHub>(hub => hub.MaximumReceiveMessageSize = LongestFromStranger);
        services.AddSingleton<LiveAdmission>();
        services.AddSingleton<LiveSockets>();
        services.AddSingleton<PresenceChanges>();
        services.AddSingleton<LiveDevices>();
        services.AddSingleton<RemoteDevices>();
        services.AddSingleton<PresenceOfOthers>();
        services.AddSingleton<RemoteRequestHandling>();
        services.AddSingleton<LivePresence>();
        services.AddSingleton<CommandRelay>();
        services.AddSingleton<CommandStore>();
        services.AddSingleton<DeviceCalls>();
        services.AddSingleton<Fleet>();
        services.AddSingleton<LobbyDevices>();
        services.AddSingleton<LobbyOffice>();
        services.AddSingleton<ReportedJobs>();
        services.AddSingleton<JobStopper, JobsOfDevices>();
        services.AddSingleton<LiveEvents>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveEvents>());
        services.AddHostedService<LiveLoop>();
        if (instances.AreSeveral)
        {
            services.AddHostedService<PresenceSharing>();
        }

        services.AddHostedService(provider => provider.GetRequiredService<LiveSessions>());
        services.AddPeriodicWork<LiveSessions>("live-sessions", RunsAt.EveryInstance, TimeSpan.FromMinutes(1), (sessions, token) => sessions.RunOnceAsync(token));
        services.AddPeriodicWork<DeadJobsWork>("dead-jobs", RunsAt.EveryInstance, TimeSpan.FromMinutes(1), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<DeviceCommands>("device-commands", RunsAt.OneInstance, TimeSpan.FromMinutes(1), (commands, token) => commands.RunOnceAsync(token));
    }

    /// <summary>Before the sign-in, so that a fleet that reconnects costs nothing until it is let in.</summary>
    public static void UseLive(this WebApplication app) => app.Use(app.Services.GetRequiredService<LiveAdmission>().AdmitAsync);

    public static void MapLive(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHub<LiveHub>(Routes.Live, AllowWebsocketsOnly).RequireAuthorization(Policies.Account).Add(LiveNegotiation.Refuse);
        endpoints.MapHub<LobbyHub>(Routes.Lobby, AllowWebsocketsOnly).AllowAnonymous().Add(LiveNegotiation.Refuse);
        endpoints.MapDevices();
        endpoints.MapCommands();
        endpoints.MapLobby();
    }

    private static void AllowWebsocketsOnly(HttpConnectionDispatcherOptions connection)
    {
        connection.Transports = HttpTransportType.WebSockets;
        connection.WebSockets.CloseTimeout = TimeSpan.FromSeconds(5);
    }
}
