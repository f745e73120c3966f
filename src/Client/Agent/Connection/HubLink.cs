using System.Net.WebSockets;
using Halley.Protocol;
using Halley.Protocol.Live;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Halley.Client.Agent.Connection;

/// <summary>One live connection to a server, from its opening to its end.</summary>
internal sealed class HubLink : ILiveHub, IAsyncDisposable
{
    private static readonly TimeSpan ServerTimeout = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TimeToClose = TimeSpan.FromSeconds(2);

    private readonly HubConnection _connection;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<LeaveOrder?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LeaveOrder? _order;

    private HubLink(HubConnection connection, TimeProvider time, Action<DeviceCommand> take)
    {
        (_connection, _time) = (connection, time);
        connection.On(nameof(ILiveDevice.Command), take);
        connection.On<LeaveOrder>(nameof(ILiveDevice.Leave), order =>
        {
            _order = order;
            _ended.TrySetResult(order);
        });
        connection.Closed += _ =>
        {
            _ended.TrySetResult(_order);
            return Task.CompletedTask;
        };
    }

    /// <summary>Done when the connection has ended: with the order of the server, or null when it broke.</summary>
    public Task<LeaveOrder?> Ended => _ended.Task;

    /// <summary>Connects.</summary>
    /// <param name="http">Connects; follows no redirects.</param>
    /// <param name="server">Address of the server, with a slash at its end.</param>
    /// <param name="sessionKey">The session of the device.</param>
    /// <param name="take">Called with each command; must return at once.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="LinkRefusedException">The server answered, but not with a connection.</exception>
    public static async Task<HubLink> OpenAsync(
        HttpClient http, Uri server, string sessionKey, Action<DeviceCommand> take, TimeProvider time, CancellationToken cancellationToken)
    {
        var builder = new HubConnectionBuilder();
        builder.WithUrl(new Uri(server, Routes.Live.TrimStart('/')), options =>
        {
            options.SkipNegotiation = true;
            options.Transports = HttpTransportType.WebSockets;
            options.WebSocketFactory = async (context, token) => await ConnectAsync(http, context.Uri, sessionKey, token);
        });
        builder.AddJsonProtocol(json => json.PayloadSerializerOptions.TypeInfoResolverChain.Insert(0, LiveJson.Default));
        var connection = builder.Build();
        (connection.ServerTimeout, connection.KeepAliveInterval) = (ServerTimeout, KeepAlive);
        var link = new HubLink(connection, time, take);
        try
        {
            await connection.StartAsync(cancellationToken);
            return link;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public Task<LiveWelcome> Attach(LiveHello hello) => CallAsync<LiveWelcome>(nameof(Attach), hello);

    public Task<LiveHeartbeatAnswer> Heartbeat(LiveHeartbeat beat) => CallAsync<LiveHeartbeatAnswer>(nameof(Heartbeat), beat);

    public Task<LiveAck> Report(CommandReport report) => CallAsync<LiveAck>(nameof(Report), report);

    public Task<LiveAck> ReportJob(string job) => CallAsync<LiveAck>(nameof(ReportJob), job);

    public Task<LiveAck> AppendJobLog(Guid jobId, long first, string entries) =>
        CallAsync<LiveAck>(nameof(AppendJobLog), jobId, first, entries);

    /// <summary>Closes the connection, and does not wait long for a server that does not answer.</summary>
    public async ValueTask DisposeAsync() => await _connection.DisposeAsync().AsTask().WaitAsync(TimeToClose, _time)
        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private Task<T> CallAsync<T>(string method, params object?[] arguments) =>
        _connection.InvokeCoreAsync<T>(method, arguments).WaitAsync(Patience, _time);

    private static async Task<WebSocket> ConnectAsync(HttpClient http, Uri address, string sessionKey, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = TimeSpan.Zero; // the hub has its own
        socket.Options.SetRequestHeader("Authorization", $"Bearer {sessionKey}");
        try
        {
            await socket.ConnectAsync(address, http, cancellationToken);
            return socket;
        }
        catch (WebSocketException) when (socket.HttpStatusCode != 0)
        {
            var retryAfter = socket.HttpResponseHeaders is { } headers && headers.TryGetValue("Retry-After", out var values)
                && int.TryParse(values.First(), out var seconds) ? TimeSpan.FromSeconds(Math.Max(0, seconds)) : (TimeSpan?)null;
            var status = (int)socket.HttpStatusCode;
            socket.Dispose();
            throw new LinkRefusedException(status, retryAfter);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The server, or a proxy before it, answered with a status instead of a live connection.</summary>
internal sealed class LinkRefusedException(int status, TimeSpan? retryAfter) : Exception($"The server answered {status}.")
{
    public int Status => status;

    public TimeSpan? RetryAfter => retryAfter;
}
