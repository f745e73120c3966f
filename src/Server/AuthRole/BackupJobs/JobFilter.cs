using System.Globalization;
using Halley.Protocol.Jobs;
using Halley.Server.AuthRole.BackupJobs.Search;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>The filters of a page of jobs; null does not filter.</summary>
internal sealed record JobFilter
{
    public string? Username { get; init; }

    public string? DeviceId { get; init; }

    public JobStatus? Status { get; init; }

    public JobClassification? Classification { get; init; }

    /// <summary>Started at this Unix second or later …</summary>
    public long? From { get; init; }

    /// <summary>… and before this one.</summary>
    public long? To { get; init; }

    public JobSearch? Search { get; init; }

    /// <summary>The last job of the page before: when it started, and its id.</summary>
    public (long StartTime, string Id)? After { get; init; }

    public IQueryable<BackupJob> Narrow(IQueryable<BackupJob> jobs)
    {
        jobs = Username is null ? jobs : jobs.Where(job => job.Username == Username);
        jobs = DeviceId is null ? jobs : jobs.Where(job => job.DeviceId == DeviceId);
        jobs = Status is null ? jobs : jobs.Where(job => job.Status == Status);
        jobs = Classification is null ? jobs : jobs.Where(job => job.Classification == Classification);
        jobs = From is null ? jobs : jobs.Where(job => job.StartTime >= From);
        jobs = To is null ? jobs : jobs.Where(job => job.StartTime < To);
        jobs = Search is null ? jobs : Search.Narrow(jobs);
        if (After is not { } after)
        {
            return jobs;
        }

        var (start, id) = after;
#pragma warning disable CA1309, CA1310 // the database compares
        return jobs.Where(job => job.StartTime < start || (job.StartTime == start && string.Compare(job.Id, id) < 0));
#pragma warning restore CA1309, CA1310
    }

    public static string TokenOf(BackupJob last) => string.Create(CultureInfo.InvariantCulture, $"{last.StartTime}_{last.Id}");

    public static bool TryParseToken(string token, out (long StartTime, string Id) after)
    {
        var parts = token.Split('_');
        after = default;
        if (parts.Length != 2 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            || JobReportRules.IdOf(parts[1]) is not { } id)
        {
            return false;
        }

        after = (start, id);
        return true;
    }
}
