using Halley.Protocol.Jobs;

namespace Halley.Cli.Output;

/// <summary>Jobs in words.</summary>
internal static class JobText
{
    public static string KindOf(JobClassification classification) => classification switch
    {
        JobClassification.Backup => "backup",
        JobClassification.Restore => "restore",
        JobClassification.Retention => "retention",
        JobClassification.Unlock => "unlock",
        JobClassification.DeleteSnapshot => "delete snapshots",
        JobClassification.Measure => "measure",
        JobClassification.Update => "update",
        JobClassification.Import => "import",
        JobClassification.Reindex => "reindex",
        JobClassification.DeepVerify => "verify",
        JobClassification.Uninstall => "uninstall",
        JobClassification.RestoreDrill => "restore drill",
        JobClassification.Healing => "healing",
        _ => "other",
    };

    public static string StatusOf(JobStatus status) => status switch
    {
        JobStatus.TimedOut => "timed out",
        JobStatus.Warning => "warning",
        JobStatus.QuotaExceeded => "quota exceeded",
        JobStatus.Missed => "missed",
        JobStatus.Cancelled => "cancelled",
        JobStatus.Skipped => "skipped",
        JobStatus.Abandoned => "abandoned",
        JobStatus.WillRetry => "will retry",
        _ => status.IsRunning() ? "running" : status.IsSuccess() ? "success" : "error",
    };

    public static string Time(long unixSeconds) => $"{DateTimeOffset.FromUnixTimeSeconds(unixSeconds).ToLocalTime():yyyy-MM-dd HH:mm:ss}";

    public static string Duration(BackupJobDetail job) =>
        job.EndTime == 0 ? "" : Text.Duration(TimeSpan.FromSeconds(job.EndTime - job.StartTime));
}
