using System.Text.Json;
using Microsoft.AspNetCore.SignalR;

namespace Halley.Server.Live;

/// <summary>
/// Logs why a connection to a hub ended. The framework's own entry is off (<c>LoggingSetup</c>), because it writes a stack trace for every
/// message that is malformed or too large, and anybody with a device's session can send those.
/// </summary>
internal sealed partial class MalformedMessages(ILogger<MalformedMessages> logger) : IHubFilter
{
    public Task OnDisconnectedAsync(
        HubLifetimeContext context, Exception? exception, Func<HubLifetimeContext, Exception?, Task> next)
    {
        if (exception is InvalidDataException or JsonException or FormatException)
        {
            var address = context.Context.GetHttpContext()?.Connection.RemoteIpAddress?.ToString() ?? "";
            LogMalformed(context.Context.UserIdentifier ?? "", address, exception.Message.ReplaceLineEndings(" "));
        }
        else if (exception is not (null or OperationCanceledException))
        {
            LogFailed(exception);
        }

        return next(context, exception);
    }

    [LoggerMessage(
        LogEvents.LiveMessageMalformed, LogLevel.Warning, "Closed the connection of {Caller} from {Address}: malformed message: {Problem}")]
    private partial void LogMalformed(string caller, string address, string problem);

    [LoggerMessage(LogEvents.LiveConnectionFailed, LogLevel.Error, "A connection of a device failed")]
    private partial void LogFailed(Exception failure);
}
