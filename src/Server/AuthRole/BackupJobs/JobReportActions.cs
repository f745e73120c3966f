using Halley.Protocol.Jobs;
using Halley.Server.Access;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>
/// Devices' reports of their jobs. Reports may arrive twice, late and in any order; each is a whole record. A report is saved together
/// with its event and the statistics of the protected item.
/// </summary>
internal sealed class JobReportActions(IDbContextFactory<ServerDbContext> databases, MissedRecords missed, TimeProvider time)
{
    private const int LongestDocument = 64 * 1024;

    /// <summary>Creates a job or, when its id is known, updates it. A job without an id gets one.</summary>
    public Task<Outcome<StoredJob>> ReportAsync(JobOwner owner, BackupJobDetail report, CancellationToken cancellationToken) =>
        ReportAsync(owner, report, mayCreate: true, cancellationToken);

    /// <summary>Updates a job that must exist.</summary>
    public Task<Outcome<StoredJob>> UpdateAsync(JobOwner owner, string jobId, BackupJobDetail report, CancellationToken cancellationToken)
    {
        report.GUID = jobId;
        return ReportAsync(owner, report, mayCreate: false, cancellationToken);
    }

    private async Task<Outcome<StoredJob>> ReportAsync(
        JobOwner owner, BackupJobDetail report, bool mayCreate, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (JobReportRules.IdOf(report.GUID.Length == 0 && mayCreate ? Guid.CreateVersion7(now).ToString() : report.GUID) is not { } id)
        {
            return mayCreate
                ? JobRefusals.Invalid("GUID must be a GUID such as 01234567-89ab-cdef-0123-456789abcdef.")
                : JobRefusals.NotFound;
        }

        if (JobReportRules.ProblemWith(report) is { } problem)
        {
            return JobRefusals.Invalid(problem);
        }

        for (var tries = 1; ; tries++)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var job = await database.Set<BackupJob>().AsTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
            if (job is null && !mayCreate)
            {
                return JobRefusals.NotFound;
            }

            if (job is not null && job.AccountId != owner.AccountId)
            {
                return mayCreate ? JobRefusals.Conflict("A job with this GUID already exists; use a new GUID.") : JobRefusals.NotFound;
            }

            if (job is not null && JobReportRules.IsOutdated(report, job))
            {
                return new StoredJob(job.Document);
            }

            var changed = await ApplyAsync(database, owner, job, id, report, now, cancellationToken);
            if (changed[0].Document.Length > LongestDocument)
            {
                return JobRefusals.Invalid("The record of the job is longer than 64 KiB.");
            }

            try
            {
                if (await JobSaving.TrySaveAsync(database, changed, tries, cancellationToken))
                {
                    await RemoveMissedAsync(database, changed[0], cancellationToken);
                    return new StoredJob(changed[0].Document);
                }
            }
            catch (DbUpdateException gone) when (gone.IsForeignKeyViolation())
            {
                return Refusal.NotFound(JobRefusals.NotFound.Code, "The account has been removed.");
            }
        }
    }

    // The reported job first, then those that this report shows to be dead.
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

    // Again, now that the job is visible: since the first look another instance may have recorded it as missed.
    private async Task RemoveMissedAsync(ServerDbContext database, BackupJob job, CancellationToken cancellationToken)
    {
        try
        {
            await missed.RemoveAsync(database, job, cancellationToken);
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // The instance that wrote it has seen the job in the meantime and removed the record itself.
        }
    }
}
