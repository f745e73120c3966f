using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Halley.Testing.Live;

/// <summary>A device over a real live connection. The test decides how it responds to commands.</summary>
public sealed class TestDevice : IAsyncDisposable
{
    private readonly HubConnection _connection;
    private readonly Channel<DeviceCommand> _commands = Channel.CreateUnbounded<DeviceCommand>();
    private readonly TaskCompletionSource<LeaveOrder> _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestDevice(HubConnection connection, LiveHello hello)
    {
        (_connection, Hello) = (connection, hello);
        connection.On<DeviceCommand>(nameof(ILiveDevice.Command), TakeAsync);
        connection.On<LeaveOrder>(nameof(ILiveDevice.Leave), order =>
        {
            _left.TrySetResult(order);
            _ = connection.StopAsync();
        });
        connection.Closed += _ =>
        {
            _closed.TrySetResult();
            return Task.CompletedTask;
        };
    }

    public LiveHello Hello { get; }

    public LiveWelcome Welcome { get; private set; } = null!;

    /// <summary>
    /// Responds to commands as they arrive; null leaves the command to the test, which reads it from <see cref="NextCommandAsync"/>.
    /// </summary>
    public Func<DeviceCommand, CommandReport?>? Answers { get; set; }

    /// <summary>How far the device's clock, which it uses for the times it sends, is ahead.</summary>
    public TimeSpan ClockAhead { get; set; }

    /// <summary>Every id that came, as often as it came.</summary>
    public ConcurrentQueue<Guid> Received { get; } = new();

    /// <summary>The order with which the server closed the connection.</summary>
    public Task<LeaveOrder> Left => _left.Task.WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Done when the connection is closed.</summary>
    public Task Closed => _closed.Task;

    public Task ClosesAsync() => Closed.WaitAsync(TimeSpan.FromSeconds(30));

    public static LiveHello NewHello(bool allowsFilenames = true, Guid? process = null) => new(
        process ?? Guid.NewGuid(), "1.2.0", "linux/amd64", """{"version":"13","distribution":"Debian","os":"linux","arch":"amd64"}""",
        "Europe/Berlin", allowsFilenames, DateTime.UtcNow);

    /// <summary>Connects and attaches.</summary>
    public static async Task<TestDevice> AttachAsync(Uri server, string sessionKey, LiveHello? hello = null, bool messagePack = false)
    {
        var device = await ConnectAsync(server, sessionKey, hello, messagePack);
        device.Welcome = await device.AttachAsync();
        return device;
    }

    /// <summary>Connects without identifying itself yet.</summary>
    public static async Task<TestDevice> ConnectAsync(
        Uri server, string sessionKey, LiveHello? hello = null, bool messagePack = false, IWebProxy? proxy = null)
    {
        var builder = new HubConnectionBuilder().WithUrl(new Uri(server, Routes.Live), options =>
        {
            options.SkipNegotiation = true;
            options.Transports = HttpTransportType.WebSockets;
            options.Proxy = proxy;
#pragma warning disable CA5359 // the certificates of tests are signed by nobody
            options.WebSocketConfiguration = socket => socket.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
            options.AccessTokenProvider = () => Task.FromResult<string?>(sessionKey);
        });
        var device = new TestDevice((messagePack ? builder.AddMessagePackProtocol() : builder).Build(), hello ?? NewHello());
        await device._connection.StartAsync();
        return device;
    }

    /// <summary>Identifies itself to the server.</summary>
    public Task<LiveWelcome> AttachAsync() =>
        _connection.InvokeAsync<LiveWelcome>(nameof(ILiveHub.Attach), Hello with { SentAt = DateTime.UtcNow + ClockAhead });

    public async Task<DeviceCommand> NextCommandAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _commands.Reader.ReadAsync(limit.Token);
    }

    public Task<LiveHeartbeatAnswer> BeatAsync(params Guid[] jobs) =>
        _connection.InvokeAsync<LiveHeartbeatAnswer>(nameof(ILiveHub.Heartbeat), new LiveHeartbeat(DateTime.UtcNow + ClockAhead, jobs));

    public Task<LiveAck> ReportAsync(CommandReport report) => _connection.InvokeAsync<LiveAck>(nameof(ILiveHub.Report), report);

    public Task<LiveAck> DoneAsync(DeviceCommand command, object? answer = null) => ReportAsync(Done(command, answer));

    public Task<LiveAck> ReportJobAsync(BackupJobDetail job) =>
        _connection.InvokeAsync<LiveAck>(nameof(ILiveHub.ReportJob), JsonSerializer.Serialize(job, CometJson.Options));

    public Task<LiveAck> AppendLogAsync(Guid job, long first, params JobEntry[] entries) =>
        _connection.InvokeAsync<LiveAck>(nameof(ILiveHub.AppendJobLog), job, first, JsonSerializer.Serialize(entries, CometJson.Options));

    public static CommandReport Done(DeviceCommand command, object? answer = null) =>
        new(command.Id, CommandStates.Done, answer is null ? "" : JsonSerializer.Serialize(answer, answer.GetType(), CometJson.Options));

    /// <summary>Disconnects without notice to the server.</summary>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task TakeAsync(DeviceCommand command)
    {
        Received.Enqueue(command.Id);
        if (Answers?.Invoke(command) is { } report)
        {
            await ReportAsync(report);
        }
        else
        {
            _commands.Writer.TryWrite(command);
        }
    }
}
