using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.Hosting;
using Halley.Server.Instances;
using Halley.Server.Live.Commands;
using Halley.Server.Live.Devices;
using Halley.Server.Live.Lobby;
using Halley.Server.Live.Presence;
using Halley.Server.Live.Remote;
using Halley.Server.Organizations;
using Halley.Server.Periodic;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;

namespace Halley.Server.Live;

internal static class LiveSetup
{
    // Enough for one folder of a snapshot with tens of thousands of files.
    internal const long LongestMessage = 16 * 1024 * 1024;
    private const long LongestFromStranger = 16 * 1024;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static void AddLive(this WebApplicationBuilder builder, InstancesOptions instances)
    {
        var options = builder.AddOptionsOf<LiveOptions>("Live");
        var services = builder.Services;
        services.AddSignalR(hub =>
        {
            // Shorter than the idle limits of nginx, HAProxy and NAT; heartbeats are more frequent.
            hub.KeepAliveInterval = TimeSpan.FromSeconds(20);
            hub.ClientTimeoutInterval = TimeSpan.FromSeconds(45);
            hub.HandshakeTimeout = TimeSpan.FromSeconds(15);
            hub.MaximumReceiveMessageSize = LongestMessage;
            hub.MaximumParallelInvocationsPerClient = 1;
            hub.AddFilter<MalformedMessages>();
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
        services.AddSingleton<LiveDeviceActions>();
        services.AddSingleton<CommandActions>();
        services.AddSingleton<LobbyDevices>();
        services.AddSingleton<LobbyActions>();
        services.AddSingleton<ReportedJobs>();
        services.AddSingleton<JobStopper, LiveJobStopper>();
        services.AddSingleton<ClientRemover, LiveClientRemover>();
        services.AddSingleton<LiveEvents>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveEvents>());
        services.AddHostedService<LiveLoop>();
        if (instances.AreSeveral)
        {
            services.AddHostedService<PresenceSharing>();
        }

        services.AddHostedService(provider => provider.GetRequiredService<LiveSessions>());
        services.AddPeriodicWork<LiveSessions>(
            "live-sessions", RunsAt.EveryInstance, Minute, (sessions, token) => sessions.RunOnceAsync(token));
        services.AddPeriodicWork<DeadJobsWork>("dead-jobs", RunsAt.EveryInstance, Minute, (work, token) => work.RunOnceAsync(token));
        services.AddPeriodicWork<DeviceCommands>(
            "device-commands", RunsAt.OneInstance, Minute, (commands, token) => commands.RunOnceAsync(token));
    }

    /// <summary>Goes before authentication, so that reconnecting devices cost nothing until they are admitted.</summary>
    public static void UseLive(this WebApplication app) => app.Use(app.Services.GetRequiredService<LiveAdmission>().AdmitAsync);

    public static void MapLive(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHub<LiveHub>(Routes.Live, AllowWebsocketsOnly).RequireAuthorization(Policies.Account).Add(RefuseNegotiation);
        endpoints.MapHub<LobbyHub>(Routes.Lobby, AllowWebsocketsOnly).AllowAnonymous().Add(RefuseNegotiation);
        endpoints.MapDevices();
        endpoints.MapLobby();
    }

    // There is only one transport, so there is nothing to negotiate; and with several instances, proxies would have to send the
    // negotiation and the connection to the same one.
    private static void RefuseNegotiation(EndpointBuilder endpoint)
    {
        if (endpoint is RouteEndpointBuilder { RoutePattern.RawText: { } path } && path.EndsWith("/negotiate", StringComparison.Ordinal))
        {
            endpoint.RequestDelegate = context => Problems.BadRequest(
                "negotiation_not_needed", "Connect with a websocket directly: set skipNegotiation, and the transport to WebSockets.")
                .ExecuteAsync(context);
        }
    }

    private static void AllowWebsocketsOnly(HttpConnectionDispatcherOptions connection)
    {
        connection.Transports = HttpTransportType.WebSockets;
        connection.WebSockets.CloseTimeout = TimeSpan.FromSeconds(5);
    }
}
