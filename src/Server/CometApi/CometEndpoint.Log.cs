namespace Halley.Server.CometApi;

internal static partial class CometEndpoint
{
    [LoggerMessage(LogEvents.CometCallFailed, LogLevel.Error, "The call {Call} failed")]
    private static partial void CallFailed(ILogger logger, string? call, Exception failure);
}
