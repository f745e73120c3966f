using Halley.Protocol.Comet;
using Halley.Server.Data;
using Halley.Server.Events;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>
/// Takes what devices report about their jobs. Reports may come twice, late and in any order; each is a whole record. What it changes
/// is saved together with the event that tells of it and with the statistics of the protected item.
/// </summary>
internal sealed class JobRegistry(IDbContextFactory<ServerDbContext> databases, MissedRecords missed, JobStopper stopper, TimeProvider time)
{
    private const int MostTries = 20;
    private const int LongestDocument = 64 * 1024;

    /// <summary>Creates a job or, when its id is known, brings it up to date. Without an id the job gets one.</summary>
    public Task<JobChange> ReportAsync(JobOwner owner, BackupJobDetail report, CancellationToken cancellationToken) =>
        ReportAsync(owner, report, mayCreate: true, cancellationToken);

    /// <summary>Brings a job up to date that must be there.</summary>
    public Task<JobChange> UpdateAsync(JobOwner owner, string jobId, BackupJobDetail report, CancellationToken cancellationToken)
    {
        report.GUID = jobId;
        return ReportAsync(owner, report, mayCreate: false, cancellationToken);
    }

    /// <summary>Gives up a running job, of which nothing has been heard for too long: 7007 until it reports again.</summary>
    public async Task<JobChange> AbandonAsync(
        JobScope scope, string username, string jobId, string actor, string reason, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            if (await FindAsync(database, scope, username, jobId, cancellationToken) is not { } job)
            {
                return JobChange.NotFound;
            }

            if (!job.Status.IsRunning())
            {
                return job.Status == JobStatus.Abandoned ? JobChange.Done(job) : new JobChange(JobChangeResult.HasEnded, "The job has ended.");
            }

            JobAbandonment.Abandon(database, job, time.GetUtcNow(), actor, reason);
            if (await TrySaveAsync(database, [job], tries, cancellationToken))
            {
                return JobChange.Done(job);
            }
        }
    }

    /// <summary>
    /// Asks the device to stop a job. That needs a connection on which the server can speak to the device; the status changes when the
    /// device reports that it has stopped.
    /// </summary>
    public async Task<JobChange> CancelAsync(JobScope scope, string username, string jobId, CancellationToken cancellationToken)
    {
        BackupJob? job;
        await using (var database = await databases.CreateDbContextAsync(cancellationToken))
        {
            job = await FindAsync(database, scope, username, jobId, cancellationToken);
        }

        return job switch
        {
            null => JobChange.NotFound,
            { EndTime: not 0 } => new JobChange(JobChangeResult.HasEnded, "The job has ended."),
            _ when JobDocument.Read(job.Document).CancellationID is { Length: > 0 } cancellationId => await stopper.StopAsync(job, cancellationId, cancellationToken),
            _ => new JobChange(JobChangeResult.CannotBeCancelled, "The device has not said that this job can be cancelled."),
        };
    }

    private async Task<JobChange> ReportAsync(JobOwner owner, BackupJobDetail report, bool mayCreate, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (JobReportRules.IdOf(report.GUID.Length == 0 && mayCreate ? Guid.CreateVersion7(now).ToString() : report.GUID) is not { } id)
        {
            return mayCreate ? JobChange.Refused("GUID must be a GUID such as 01234567-89ab-cdef-0123-456789abcdef.") : JobChange.NotFound;
        }

        if (JobReportRules.Refuse(report) is { } refusal)
        {
            return JobChange.Refused(refusal);
        }

        for (var tries = 1; ; tries++)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var job = await database.Set<BackupJob>().AsTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
            if (job is null && !mayCreate)
            {
                return JobChange.NotFound;
            }

            if (job is not null && job.AccountId != owner.AccountId)
            {
                return mayCreate ? new JobChange(JobChangeResult.Conflict, "A job with this GUID exists already; make a new one.") : JobChange.NotFound;
            }

            if (job is not null && JobReportRules.IsOutdated(report, job))
            {
                return JobChange.Done(job);
            }

            var changed = await ApplyAsync(database, owner, job, id, report, now, cancellationToken);
            if (changed[0].Document.Length > LongestDocument)
            {
                return JobChange.Refused("The record of the job is longer than 64 KiB.");
            }

            try
            {
                if (await TrySaveAsync(database, changed, tries, cancellationToken))
                {
                    await RemoveMissedAsync(database, changed[0], cancellationToken);
                    return JobChange.Done(changed[0]);
                }
            }
            catch (DbUpdateException gone) when (gone.IsForeignKeyViolation())
            {
                return new JobChange(JobChangeResult.NotFound, "The account has been removed.");
            }
        }
    }

    // The job that is reported, and behind it those that this report shows to be dead.
    private async Task<List<BackupJob>> ApplyAsync(
        ServerDbContext database, JobOwner owner, BackupJob? job, string id, BackupJobDetail report, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var detail = JobReportRules.Apply(report, job, now.ToUnixTimeSeconds());
        var (isNew, wasRunning) = (job is null, job?.Status.IsRunning() ?? false);
        job ??= database.Add(new BackupJob
        {
            Id = id,
            AccountId = owner.AccountId,
            Username = owner.Username,
            OrganizationId = owner.OrganizationId,
            Document = "",
        }).Entity;
        JobDocument.Write(job, detail);
        job.ReportedAt = now.ToUnixTimeSeconds();
        if (isNew || (!wasRunning && job.Status.IsRunning()))
        {
            database.Add(JobEvents.New(job, now, owner.Username));
        }

        if (!job.Status.IsRunning())
        {
            database.Add(JobEvents.Completed(job, now, owner.Username));
        }

        if (isNew || !job.Status.IsRunning())
        {
            await missed.RemoveAsync(database, job, cancellationToken);
        }

        return [job, .. await JobAbandonment.AbandonDeadAsync(database, job, isNew, now, cancellationToken)];
    }

    private static async Task<bool> TrySaveAsync(ServerDbContext database, List<BackupJob> changed, int tries, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            foreach (var job in changed)
            {
                await SourceStatusStore.RecordAsync(database, job, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException race) when (tries < MostTries && (race is DbUpdateConcurrencyException || race.IsUniqueViolation()))
        {
            return false;
        }
    }

    // Once more now that all see the job: a record of it as missed may have been written since the first look, by somebody who did not see it yet.
    private async Task RemoveMissedAsync(ServerDbContext database, BackupJob job, CancellationToken cancellationToken)
    {
        try
        {
            await missed.RemoveAsync(database, job, cancellationToken);
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Whoever wrote it has seen the job in the meantime, and removed it himself.
        }
    }

    private static async Task<BackupJob?> FindAsync(
        ServerDbContext database, JobScope scope, string username, string jobId, CancellationToken cancellationToken)
    {
        if (JobReportRules.IdOf(jobId) is not { } id)
        {
            return null;
        }

        var job = await database.Set<BackupJob>().AsTracking().In(scope).SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
        return job is not null && (username.Length == 0 || job.Username == username) ? job : null;
    }
}
