namespace Halley.Server.Jobs;

internal sealed partial class PeriodicJob
{
    [LoggerMessage(LogEvents.JobFailed, LogLevel.Error, "The job {Job} failed and is tried again at its next time")]
    private partial void Failed(string job, Exception failure);
}
