using Halley.Protocol;
using Halley.Protocol.Live;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;

namespace Halley.Testing.Live;

/// <summary>A device that is installed and waits in the lobby to be signed in.</summary>
public sealed class TestLobbyDevice : IAsyncDisposable
{
    private readonly HubConnection _connection;
    private readonly TaskCompletionSource<LeaveOrder> _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestLobbyDevice(HubConnection connection)
    {
        _connection = connection;
        connection.On<LobbySignIn>(
            nameof(ILobbyDevice.SignIn), async order => await connection.SendAsync(nameof(ILobbyHub.SignedIn), await SignIn(order)));
        connection.On<LeaveOrder>(nameof(ILobbyDevice.Leave), order => _left.TrySetResult(order));
        connection.Closed += _ =>
        {
            _closed.TrySetResult();
            return Task.CompletedTask;
        };
    }

    /// <summary>Handles a request to sign in; by default it succeeds.</summary>
    public Func<LobbySignIn, Task<LobbyOutcome>> SignIn { get; set; } = _ => Task.FromResult(new LobbyOutcome(IsDone: true));

    public LobbyWelcome Welcome { get; private set; } = null!;

    /// <summary>The order with which the server closed the connection.</summary>
    public Task<LeaveOrder> Left => _left.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public Task ClosesAsync() => _closed.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public static LobbyHello NewHello(string deviceId) => new(
        deviceId, $"name of {deviceId}", "1.2.0", "linux/amd64",
        """{"version":"13","distribution":"Debian","os":"linux","arch":"amd64"}""", "Europe/Berlin");

    /// <summary>Connects without identifying itself yet.</summary>
    public static async Task<TestLobbyDevice> ConnectAsync(Uri server, string? forwardedFor = null)
    {
        var device = new TestLobbyDevice(new HubConnectionBuilder().WithUrl(new Uri(server, Routes.Lobby), options =>
        {
            options.SkipNegotiation = true;
            options.Transports = HttpTransportType.WebSockets;
            if (forwardedFor is not null)
            {
                options.Headers["X-Forwarded-For"] = forwardedFor;
            }
        }).Build());
        await device._connection.StartAsync();
        return device;
    }

    /// <summary>Connects and waits.</summary>
    public static async Task<TestLobbyDevice> WaitAsync(Uri server, LobbyHello hello, string? forwardedFor = null)
    {
        var device = await ConnectAsync(server, forwardedFor);
        device.Welcome = await device._connection.InvokeAsync<LobbyWelcome>(nameof(ILobbyHub.Wait), hello);
        return device;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
