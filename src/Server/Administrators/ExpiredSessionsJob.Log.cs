namespace Halley.Server.Administrators;

internal sealed partial class ExpiredSessionsJob
{
    [LoggerMessage(LogEvents.ExpiredSessionsRemoved, LogLevel.Debug, "{Count} ended session(s) removed")]
    private partial void Removed(int count);
}
