using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>The rules for reports of devices about their jobs.</summary>
internal static class JobReportRules
{
    private const long FirstClassification = 4000;
    private const long LastClassification = 4999;
    private const long ClockTolerance = 24 * 60 * 60;

    /// <summary>Why a report cannot be stored; null when it can.</summary>
    public static string? ProblemWith(BackupJobDetail report) => report switch
    {
        { Classification: < (JobClassification)FirstClassification or > (JobClassification)LastClassification } =>
            "Classification must be from 4000 to 4999.",
        { Status: < (JobStatus)JobStatusRanges.FirstSuccess or > (JobStatus)JobStatusRanges.Last } => "Status must be from 5000 to 7999.",
        _ when !IsId(report.DeviceID) => Must(nameof(report.DeviceID)),
        _ when !IsId(report.SourceGUID) => Must(nameof(report.SourceGUID)),
        _ when !IsId(report.DestinationGUID) => Must(nameof(report.DestinationGUID)),
        { StartTime: < 0 } or { EndTime: < 0 } => "StartTime and EndTime must be Unix seconds, not below 0.",
        { Progress.Counter: < 0 } => "Progress.Counter must not be below 0.",
        _ => null,
    };

    /// <summary>The id of a job in the form in which it is stored; null when it is not a GUID.</summary>
    public static string? IdOf(string text) => Guid.TryParseExact(text, "D", out var id) ? id.ToString("D") : null;

    /// <summary>
    /// The document after a report. Impossible times are replaced by the server's, because a device's clock may be wrong by years. An
    /// abandoned job that reports again counts as revived until it ends.
    /// </summary>
    public static BackupJobDetail Apply(BackupJobDetail report, BackupJob? before, long now)
    {
        report.StartTime = before?.StartTime
            ?? (report.StartTime is > 0 && report.StartTime <= now + ClockTolerance ? report.StartTime : now);
        if (report.Status.IsRunning())
        {
            report.EndTime = 0;
            report.Status = before?.Status is JobStatus.Abandoned or JobStatus.RunningRevived && report.Status == JobStatus.Running
                ? JobStatus.RunningRevived
                : report.Status;
        }
        else
        {
            report.EndTime =
                Math.Max(report.StartTime, report.EndTime is > 0 && report.EndTime <= now + ClockTolerance ? report.EndTime : now);
        }

        if (!CometJson.IsEmpty(report.Progress))
        {
            report.Progress.RecievedTime = now;
        }

        return report;
    }

    /// <summary>
    /// True when a report has nothing new: a later one was accepted before, or the job has ended. Only a job that the server itself has
    /// abandoned may continue.
    /// </summary>
    public static bool IsOutdated(BackupJobDetail report, BackupJob before) =>
        before.Status.IsRunning()
            ? IsLate(report, before)
            : before.Status != JobStatus.Abandoned || IsLate(report, before);

    private static bool IsLate(BackupJobDetail report, BackupJob before) =>
        report.Status.IsRunning() && !CometJson.IsEmpty(report.Progress) && report.Progress.Counter <= before.Counter;

    private static string Must(string field) => $"{field} must have at most {BackupJob.LongestId} characters and no control characters.";

    private static bool IsId(string text) => text.Length <= BackupJob.LongestId && !text.Any(char.IsControl);
}
