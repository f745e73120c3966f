using Halley.Protocol.Jobs;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>
/// Marks jobs as abandoned that cannot be running any more. Any of three things shows that: the same device starts the same work again; it
/// has updated its software; or a job that needs exclusive use of the vault has succeeded although they were running when it started.
/// </summary>
internal static class JobAbandonment
{
    private static readonly JobClassification[] Exclusive =
        [JobClassification.Retention, JobClassification.DeleteSnapshot, JobClassification.Reindex];

    /// <summary>Marks a job as abandoned and writes the reason into its log.</summary>
    public static void Abandon(ServerDbContext database, BackupJob job, DateTimeOffset now, string actor, string reason)
    {
        var detail = JobDocument.Read(job.Document);
        detail.Status = JobStatus.Abandoned;
        detail.EndTime = Math.Max(detail.StartTime, now.ToUnixTimeSeconds());
        JobDocument.Write(job, detail);
        database.Add(
            JobLogStore.Note(job, new JobEntry { Time = now.ToUnixTimeSeconds(), Severity = "W", Message = $"Given up: {reason}" }));
        database.Add(JobEvents.Completed(job, now, actor));
    }

    public static async Task<List<BackupJob>> AbandonDeadAsync(
        ServerDbContext database, BackupJob job, bool isNew, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var others = database.Set<BackupJob>().AsTracking()
            .Where(other => other.EndTime == 0 && other.AccountId == job.AccountId && other.Id != job.Id);
        var (dead, reason) = job switch
        {
            { Classification: JobClassification.Update, Status: JobStatus.Success } =>
                (others.Where(other => other.DeviceId == job.DeviceId && other.StartTime <= job.StartTime),
                    "the device has updated its software since it started."),
            { Status: JobStatus.Success } when Exclusive.Contains(job.Classification) =>
                (others.Where(other => other.DestinationId == job.DestinationId && other.StartTime <= job.StartTime),
                    "another job has had exclusive use of the vault since it started."),
            _ when isNew && job.Status.IsRunning() =>
                (others.Where(other => other.DeviceId == job.DeviceId && other.SourceId == job.SourceId
                    && other.DestinationId == job.DestinationId && other.Classification == job.Classification),
                    "the device has started the same work again."),
            _ => (null, ""),
        };
        if (dead is null)
        {
            return [];
        }

        var found = await dead.ToListAsync(cancellationToken);
        found.ForEach(other => Abandon(database, other, now, actor: "", reason));
        return found;
    }
}
