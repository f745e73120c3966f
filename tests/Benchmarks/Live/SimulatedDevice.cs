using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Halley.Protocol;

namespace Halley.Benchmarks.Live;

/// <summary>
/// A device that speaks the hub's JSON by itself: ten thousand of the real client would cost more than what is measured. It attaches,
/// beats, does every command at once, and comes back when its line is cut, as the server says.
/// </summary>
internal sealed class SimulatedDevice(Uri server, string sessionKey, SocketsHttpHandler handler) : IDisposable
{
    private const byte EndOfMessage = 0x1e;
    private static readonly Uri Path = new(Routes.Live, UriKind.Relative);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly Guid _process = Guid.NewGuid();
    private readonly HttpMessageInvoker _http = new(handler, disposeHandler: false);
    private readonly SemaphoreSlim _sending = new(1);
    private ClientWebSocket? _socket;

    /// <summary>The vendor's TargetID; null while it is not attached.</summary>
    public string? ConnectionId { get; private set; }

    public int BeatSeconds { get; private set; } = 15;

    public int Refusals { get; private set; }

    public int Commands { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var wait = Pause;
            try
            {
                wait = await ConnectAndServeAsync(stop);
            }
            catch (Exception end) when (end is WebSocketException or HttpRequestException or OperationCanceledException or IOException)
            {
                // The server has gone; it is tried again.
            }

            ConnectionId = null;
            await Task.Delay(wait, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task BeatAsync() => ConnectionId is null
        ? Task.CompletedTask
        : SendAsync($$"""{"type":1,"target":"Heartbeat","arguments":[{"sentAt":"{{Now()}}","jobs":[]}]}""", CancellationToken.None);

    public void Dispose()
    {
        _http.Dispose();
        _sending.Dispose();
    }

    private async Task<TimeSpan> ConnectAndServeAsync(CancellationToken stop)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Authorization", $"Bearer {sessionKey}");
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        var address = new UriBuilder(new Uri(server, Path)) { Scheme = "ws" }.Uri;
        try
        {
            await socket.ConnectAsync(address, _http, stop);
        }
        catch (WebSocketException) when (socket.HttpStatusCode == HttpStatusCode.ServiceUnavailable)
        {
            Refusals++;
            return TimeSpan.FromSeconds(int.Parse(socket.HttpResponseHeaders!["Retry-After"].Single(), CultureInfo.InvariantCulture));
        }

        _socket = socket;
        await SendAsync("""{"protocol":"json","version":1}""", stop);
        const string client =
            """
            "clientVersion":"1.0","platform":"linux/amd64","platformVersion":"","timeZone":"UTC","allowsFilenames":true
            """;
        var hello = $$"""{"processId":"{{_process}}",{{client}},"sentAt":"{{Now()}}"}""";
        await SendAsync($$"""{"type":1,"invocationId":"0","target":"Attach","arguments":[{{hello}}]}""", stop);
        return await ServeAsync(socket, stop);
    }

    private async Task<TimeSpan> ServeAsync(ClientWebSocket socket, CancellationToken stop)
    {
        var buffer = new byte[2048];
        var filled = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(filled), stop);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return Pause;
            }

            filled += received.Count;
            for (int end; (end = Array.IndexOf(buffer, EndOfMessage, 0, filled)) >= 0;)
            {
                if (await TakeAsync(buffer.AsMemory(0, end), stop) is { } leave)
                {
                    return leave;
                }

                filled -= end + 1;
                buffer.AsSpan(end + 1, filled).CopyTo(buffer);
            }
        }
    }

    // Answers when to come back when the server says good-bye.
    private async Task<TimeSpan?> TakeAsync(ReadOnlyMemory<byte> message, CancellationToken stop)
    {
        if (message.Length <= 2)
        {
            return null; // the answer to the handshake
        }

        using var json = JsonDocument.Parse(message);
        if (!json.RootElement.TryGetProperty("type", out var number))
        {
            return Pause; // the server has given up the handshake
        }

        var type = number.GetInt32();
        if (type == 3 && json.RootElement.TryGetProperty("result", out var welcome) && welcome.TryGetProperty("connectionId", out var id))
        {
            (ConnectionId, BeatSeconds) = (id.GetString(), welcome.GetProperty("heartbeatSeconds").GetInt32());
        }
        else if (type == 1)
        {
            var argument = json.RootElement.GetProperty("arguments")[0];
            if (json.RootElement.GetProperty("target").GetString() == "Leave")
            {
                Refusals++;
                return argument.TryGetProperty("reconnectAfterSeconds", out var after) ? TimeSpan.FromSeconds(after.GetInt32()) : Pause;
            }

            Commands++;
            var command = argument.GetProperty("id").GetString();
            var report = $$"""{"commandId":"{{command}}","state":"done","answer":"","code":"","message":""}""";
            await SendAsync($$"""{"type":1,"target":"Report","arguments":[{{report}}]}""", stop);
        }

        return null;
    }

    private async Task SendAsync(string message, CancellationToken stop)
    {
        await _sending.WaitAsync(stop);
        try
        {
            await _socket!.SendAsync(Encoding.UTF8.GetBytes(message + "\u001e"), WebSocketMessageType.Text, endOfMessage: true, stop);
        }
        catch (Exception end) when (end is WebSocketException or ObjectDisposedException)
        {
            // The reader notices, too.
        }
        finally
        {
            _sending.Release();
        }
    }

    private static string Now() => TimeProvider.System.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
