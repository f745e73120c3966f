using Halley.Protocol.Jobs;
using Halley.Server.Access;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>Operations on jobs: cancel them, and abandon those that no longer run.</summary>
internal sealed class JobActions(IDbContextFactory<ServerDbContext> databases, JobStopper stopper, TimeProvider time)
{
    /// <summary>Marks a running job as abandoned. Its status is 7007 until the device reports it again.</summary>
    /// <param name="username">Account that the job must belong to; empty for any.</param>
    public async Task<Outcome<StoredJob>> AbandonAsync(
        Caller caller, string username, string jobId, string reason, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            if (await FindAsync(database, JobScope.Of(caller), username, jobId, cancellationToken) is not { } job)
            {
                return JobRefusals.NotFound;
            }

            if (!job.Status.IsRunning())
            {
                return job.Status == JobStatus.Abandoned ? new StoredJob(job.Document) : JobRefusals.HasEnded;
            }

            JobAbandonment.Abandon(database, job, time.GetUtcNow(), caller.Name, reason);
            if (await JobSaving.TrySaveAsync(database, [job], tries, cancellationToken))
            {
                return new StoredJob(job.Document);
            }
        }
    }

    /// <summary>
    /// Requests that the device, which must be connected, stop a job. The status changes when the device reports that the job has stopped.
    /// </summary>
    /// <param name="username">Account that the job must belong to; empty for any.</param>
    public async Task<Refusal?> CancelAsync(JobScope scope, string username, string jobId, CancellationToken cancellationToken)
    {
        BackupJob? job;
        await using (var database = await databases.CreateDbContextAsync(cancellationToken))
        {
            job = await FindAsync(database, scope, username, jobId, cancellationToken);
        }

        return job switch
        {
            null => JobRefusals.NotFound,
            { EndTime: not 0 } => JobRefusals.HasEnded,
            _ when JobDocument.Read(job.Document).CancellationID is { Length: > 0 } cancellationId =>
                await stopper.StopAsync(job, cancellationId, cancellationToken),
            _ => JobRefusals.NotCancellable,
        };
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

/// <summary>Requests that the device of a job stop it; implemented by the live hub.</summary>
internal abstract class JobStopper
{
    /// <summary>Returns null when the device has agreed; otherwise why it refused or could not be reached.</summary>
    /// <param name="job">The job, which is running.</param>
    /// <param name="cancellationId">The id that the device reported for this purpose.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public abstract Task<Refusal?> StopAsync(BackupJob job, string cancellationId, CancellationToken cancellationToken);
}

/// <summary>Why an operation on a job was not done.</summary>
internal static class JobRefusals
{
    public static readonly Refusal NotFound = Refusal.NotFound("job_not_found", "There is no such job.");

    public static readonly Refusal HasEnded = Refusal.Conflict("job_has_ended", "The job has ended.");

    public static readonly Refusal NotCancellable =
        Refusal.Conflict("job_not_cancellable", "The device has not said that this job can be cancelled.");

    public static Refusal Invalid(string reason) => Refusal.Invalid("job_invalid", reason);

    /// <summary>The id belongs to another account's job, or earlier entries of the log are missing.</summary>
    public static Refusal Conflict(string reason) => Refusal.Conflict("job_conflict", reason);

    /// <summary>The device that runs the job is not connected.</summary>
    public static Refusal NotConnected(string reason) => Refusal.Conflict("device_not_connected", reason);
}

/// <summary>Saves jobs together with the statistics of their protected items.</summary>
internal static class JobSaving
{
    private const int MaximumTries = 20;

    /// <summary>False when another writer was faster, which throws at the last of many tries.</summary>
    public static async Task<bool> TrySaveAsync(
        ServerDbContext database, List<BackupJob> changed, int tries, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        try
        {
            database.StoreBeside(changed.Sum(SourceStatusStore.BytesOf));
            await database.SaveChangesAsync(cancellationToken);
            foreach (var job in changed)
            {
                await SourceStatusStore.RecordAsync(database, job, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException race) when (tries < MaximumTries && (race is DbUpdateConcurrencyException || race.IsUniqueViolation()))
        {
            return false;
        }
    }
}
