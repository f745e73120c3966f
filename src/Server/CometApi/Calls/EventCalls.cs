using System.Net.WebSockets;
using System.Text;
using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Halley.Server.Events;
using Halley.Server.Organizations;

namespace Halley.Server.CometApi.Calls;

/// <summary>
/// The vendor's event stream, a websocket. The client sends five text frames of credentials. The server sends one frame with the outcome,
/// a greeting, and then one frame for each event, of the types in <c>allowList</c> if it names some. A client that reads too slowly is
/// disconnected and has to request the events it missed.
/// </summary>
internal sealed partial class EventCalls(
    EventStreams streams, EventObjects objects, CometSignIn signIn, OrganizationCache organizations, DescribeServer describe,
    TimeProvider time,
    ILogger<EventCalls> logger)
{
    private const int LongestFrame = 4096;
    private static readonly TimeSpan CredentialLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(30);

    private static readonly string[] Frames =
    [
        CometCredentials.Username, CometCredentials.AuthType, CometCredentials.Password, CometCredentials.SessionKey, CometCredentials.Totp,
    ];

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseWebSockets();
        pipeline.Run(context => context.RequestServices.GetRequiredService<EventCalls>().AnswerAsync(context));
        endpoints.MapGet(Routes.CometEventStream, pipeline.Build())
            .WithTags("Comet").WithMetadata(CometAudience.Administrators).AllowAnonymous();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await CometEndpoint.WriteAsync(context, CometErrors.BadRequest("Connect to the event stream as a websocket"));
            return;
        }

        if (!EventAllowList.TryRead(context.Request.Query[EventAllowList.Parameter], out var types))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        using var place = streams.TryEnter();
        if (place is null)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, streams.Stopping);
        try
        {
            await ServeAsync(context, socket, types, ends);
        }
        catch (Exception end) when (end is OperationCanceledException or WebSocketException)
        {
            // The listener has left, was silent for too long, or the server stops.
            socket.Abort();
        }
    }

    private async Task ServeAsync(
        HttpContext context, WebSocket socket, HashSet<StreamableEventType> types, CancellationTokenSource ends)
    {
        if (await ReadCredentialsAsync(socket, ends.Token) is not { } form
            || await signIn.CheckAsync(form, Beside(context)) is not { Administrator: { MustChangePassword: false } administrator }
            || administrator.Lacks(Requires.ViewServerHistory) is not null
            || !organizations.Admits(administrator.OrganizationId, context.Request.Host))
        {
            await SendAsync(socket, "403 Unauth"u8.ToArray(), ends.Token);
            await socket.CloseAsync(WebSocketCloseStatus.PolicyViolation, "Unauth", ends.Token);
            return;
        }

        var principal = administrator.ToPrincipal(SessionKeyHandler.SchemeName);
        var began = await streams.MarkAsync(principal, ends.Token);
        using var subscription = streams.Subscribe(EventTenant.OfAdministrator(administrator.OrganizationId));
        await SendAsync(socket, "200 OK"u8.ToArray(), ends.Token);
        await SendAsync(socket, EventWire.ToJson(EventWire.Hello(await describe(ends.Token), time.GetUtcNow())), ends.Token);
        var listening = ListenForEndAsync(socket, ends);
        using var telling = CancellationTokenSource.CreateLinkedTokenSource(ends.Token);
        var watching = streams.WatchAsync(principal, began, telling);
        try
        {
            await foreach (var record in subscription.Events.ReadAllAsync(telling.Token))
            {
                if (types.Count == 0 || types.Contains(record.Type))
                {
                    await SendAsync(socket, EventWire.ToJson(await objects.ToCometAsync(record, level: "", ends.Token)), ends.Token);
                }
            }
        }
        catch (OperationCanceledException) when (!ends.IsCancellationRequested)
        {
            // The listener's credential is no longer valid.
        }
        finally
        {
            await telling.CancelAsync();
            await watching;
        }

        if (subscription.IsDropped)
        {
            LogDropped(administrator.Name);
        }

        await SayGoodByeAsync(socket, subscription.IsDropped ? "Too slow" : "Unauth", listening, ends);
    }

    // The server does not wait for a listener that leaves the close frame unanswered.
    private async Task SayGoodByeAsync(WebSocket socket, string reason, Task listening, CancellationTokenSource ends)
    {
        await socket.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, reason, ends.Token);
        using var limit = new CancellationTokenSource(SendLimit, time);
        await using var end = limit.Token.Register(ends.Cancel);
        await listening;
    }

    // The headers of the real response went out with the upgrade, and the check may set some.
    private static DefaultHttpContext Beside(HttpContext context)
    {
        var beside = new DefaultHttpContext { RequestServices = context.RequestServices, RequestAborted = context.RequestAborted };
        beside.Connection.RemoteIpAddress = context.Connection.RemoteIpAddress;
        return beside;
    }

    private async Task<CometForm?> ReadCredentialsAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(CredentialLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var fields = new Dictionary<string, string>();
        var buffer = new byte[LongestFrame];
        foreach (var name in Frames)
        {
            var length = 0;
            ValueWebSocketReceiveResult received;
            do
            {
                if (length == buffer.Length)
                {
                    return null;
                }

                received = await socket.ReceiveAsync(buffer.AsMemory(length), either.Token);
                length += received.Count;
            }
            while (!received.EndOfMessage);
            if (received.MessageType != WebSocketMessageType.Text)
            {
                return null;
            }

            fields[name] = Encoding.UTF8.GetString(buffer, 0, length);
        }

        return fields.Values.Any(value => value.Contains('\0', StringComparison.Ordinal)) ? null : CometForm.Of(fields);
    }

    // Frames from the listener are ignored, except for its close frame.
    private static async Task ListenForEndAsync(WebSocket socket, CancellationTokenSource ends)
    {
        var buffer = new byte[256];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), ends.Token)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception end) when (end is OperationCanceledException or WebSocketException)
        {
            return;
        }
        finally
        {
            await ends.CancelAsync();
        }
    }

    private async Task SendAsync(WebSocket socket, byte[] text, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(SendLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await socket.SendAsync(text.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, either.Token);
    }

    [LoggerMessage(
        LogEvents.EventStreamDropped, LogLevel.Warning, "Closed the event stream of {Administrator}: it was not read fast enough")]
    private partial void LogDropped(string administrator);
}
