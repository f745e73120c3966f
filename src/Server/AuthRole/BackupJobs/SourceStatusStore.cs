using System.Text;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>Keeps the last backups of every protected item and adds them to profiles.</summary>
internal sealed class SourceStatusStore(IDbContextFactory<ServerDbContext> databases)
{
    /// <summary>Fills <see cref="SourceConfig.Statistics"/> of all items of these profiles, with a single query.</summary>
    public async Task FillAsync(IReadOnlyCollection<StoredProfile> profiles, CancellationToken cancellationToken)
    {
        var byAccount = profiles.ToDictionary(stored => stored.Account.Id, stored => stored.Profile.Sources);
        foreach (var source in byAccount.Values.SelectMany(sources => sources.Values))
        {
            source.Statistics = new SourceStatistics();
        }

        var accounts = byAccount.Keys.ToList();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await foreach (var status in database.Set<SourceStatus>().AsNoTracking().Where(status => accounts.Contains(status.AccountId))
            .AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (byAccount[status.AccountId].GetValueOrDefault(status.SourceId)?.Statistics is { } statistics)
            {
                statistics.LastStartTime = status.LastStartTime;
                statistics.LastBackupJob = Read(status.LastJob);
                statistics.LastSuccessfulBackupJob = Read(status.LastSuccess);
            }
        }
    }

    /// <summary>What <see cref="RecordAsync"/> stores of a job: its document once, and once more when it was successful.</summary>
    public static long BytesOf(BackupJob job) => !IsKept(job) || job.Status.IsRunning() ? 0
        : (job.Status.IsSuccess() ? 2 : 1) * Encoding.UTF8.GetByteCount(job.Document);

    /// <summary>Updates the statistics of a job's item, in the transaction that saves the job.</summary>
    public static async Task RecordAsync(ServerDbContext database, BackupJob job, CancellationToken cancellationToken)
    {
        if (!IsKept(job))
        {
            return;
        }

        // Both databases support this form; a failed insert would abort the transaction of PostgreSQL.
        await database.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "SourceStatuses"
                ("AccountId", "SourceId", "LastStartTime", "LastJobStart", "LastJob", "LastSuccessStart", "LastSuccess")
            VALUES ({job.AccountId}, {job.SourceId}, 0, 0, '', 0, '') ON CONFLICT DO NOTHING
            """, cancellationToken);
        var rows = database.Set<SourceStatus>().Where(status => status.AccountId == job.AccountId && status.SourceId == job.SourceId);
        await rows.Where(status => status.LastStartTime < job.StartTime)
            .ExecuteUpdateAsync(change => change.SetProperty(status => status.LastStartTime, job.StartTime), cancellationToken);
        if (!job.Status.IsRunning())
        {
            await rows.Where(status => status.LastJobStart <= job.StartTime).ExecuteUpdateAsync(
                change => change.SetProperty(status => status.LastJobStart, job.StartTime)
                    .SetProperty(status => status.LastJob, job.Document),
                cancellationToken);
        }

        if (job.Status.IsSuccess())
        {
            await rows.Where(status => status.LastSuccessStart <= job.StartTime).ExecuteUpdateAsync(
                change => change.SetProperty(status => status.LastSuccessStart, job.StartTime)
                    .SetProperty(status => status.LastSuccess, job.Document),
                cancellationToken);
        }
    }

    private static bool IsKept(BackupJob job) => job.Classification == JobClassification.Backup && job.SourceId.Length > 0;

    private static BackupJobDetail Read(string document) => document.Length == 0 ? new BackupJobDetail() : JobDocument.Read(document);
}
