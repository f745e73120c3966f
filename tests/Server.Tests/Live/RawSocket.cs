using System.Net.WebSockets;
using System.Text;
using Halley.Protocol;

namespace Halley.Server.Tests.Live;

/// <summary>A live connection whose messages the test writes itself.</summary>
internal static class RawSocket
{
    private const char End = '\u001e';
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Sends a message after a right handshake and waits until the server closes the connection.</summary>
    public static async Task SendUntilClosedAsync(Uri server, string sessionKey, string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {sessionKey}");
        await socket.ConnectAsync(
            new UriBuilder(new Uri(server, Routes.Live)) { Scheme = Uri.UriSchemeWs }.Uri, patience.Token);
        await SendAsync(socket, """{"protocol":"json","version":1}""", patience.Token);
        try
        {
            await SendAsync(socket, text, patience.Token);
            var buffer = new byte[1 << 16];
            while ((await socket.ReceiveAsync(buffer, patience.Token)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (WebSocketException)
        {
            // Closed without a word.
        }
    }

    private static Task SendAsync(ClientWebSocket socket, string text, CancellationToken cancellationToken) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text + End), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
}
