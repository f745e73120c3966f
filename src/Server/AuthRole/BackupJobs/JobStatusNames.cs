using Halley.Protocol.Jobs;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>The names of states of jobs in reports and on pages.</summary>
internal static class JobStatusNames
{
    public static string NameOf(JobStatus status) => status switch
    {
        JobStatus.Warning => "Warning",
        JobStatus.QuotaExceeded => "Quota exceeded",
        JobStatus.Missed => "Missed",
        JobStatus.Cancelled => "Cancelled",
        JobStatus.Skipped => "Skipped",
        JobStatus.Abandoned => "Abandoned",
        JobStatus.TimedOut => "Timed out",
        JobStatus.WillRetry => "Will be retried",
        JobStatus.NotYetStarted => "Not started",
        _ when status.IsSuccess() => "Success",
        _ when status.IsRunning() => "Running",
        _ => "Error",
    };
}
