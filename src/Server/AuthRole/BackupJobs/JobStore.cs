using System.Runtime.CompilerServices;
using Halley.Protocol.Jobs;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs.Search;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>
/// Finds jobs. Lists are streamed from the database, because there may be a million rows; when columns suffice for a search, no document is
/// parsed.
/// </summary>
internal sealed class JobStore(IDbContextFactory<ServerDbContext> databases, TimeProvider time)
{
    /// <summary>How long a job counts as recent after its start.</summary>
    private const long RecentSeconds = 10 * 24 * 60 * 60;

    public IAsyncEnumerable<StoredJob> AllAsync(JobScope scope, CancellationToken cancellationToken) =>
        StreamAsync(scope, jobs => jobs, cancellationToken);

    /// <summary>The running jobs and those of the last ten days.</summary>
    public IAsyncEnumerable<StoredJob> RecentAsync(JobScope scope, CancellationToken cancellationToken)
    {
        var since = Now - RecentSeconds;
        return StreamAsync(scope, jobs => jobs.Where(job => job.EndTime == 0 || job.StartTime >= since), cancellationToken);
    }

    /// <summary>The jobs that started or ended within two times, both included; the running ones when both are 0.</summary>
    public IAsyncEnumerable<StoredJob> BetweenAsync(JobScope scope, long start, long end, CancellationToken cancellationToken)
    {
        if (start == 0 && end == 0)
        {
            return StreamAsync(scope, jobs => jobs.Where(job => job.EndTime == 0), cancellationToken);
        }

        var (from, to) = start <= end ? (start, end) : (end, start);
        // From 1, because 0 means that the job has not ended.
        var ended = Math.Max(1, from);
        return StreamAsync(
            scope,
            jobs => jobs.Where(job => (job.StartTime >= from && job.StartTime <= to) || (job.EndTime >= ended && job.EndTime <= to)),
            cancellationToken);
    }

    public async IAsyncEnumerable<StoredJob> SearchAsync(
        JobScope scope, JobSearch search, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var job in StreamAsync(scope, search.Narrow, cancellationToken))
        {
            if (search.IsExact || search.Matches(JobDocument.Read(job.Document)))
            {
                yield return job;
            }
        }
    }

    public async Task<long> CountAsync(JobScope scope, JobSearch search, CancellationToken cancellationToken)
    {
        if (search.IsExact)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            return await search.Narrow(database.Set<BackupJob>().In(scope)).LongCountAsync(cancellationToken);
        }

        var count = 0L;
        await foreach (var _ in SearchAsync(scope, search, cancellationToken))
        {
            count++;
        }

        return count;
    }

    /// <summary>The jobs of one account that the caller may see.</summary>
    public async Task<Outcome<JobScope>> ScopeOfAsync(AccountCaller caller, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.FindIdAsync(caller, cancellationToken) is { } accountId
            ? new JobScope(caller.Scope, accountId)
            : AccountRefusals.NotFound;
    }

    public async Task<BackupJob?> FindAsync(JobScope scope, string jobId, CancellationToken cancellationToken)
    {
        if (JobReportRules.IdOf(jobId) is not { } id)
        {
            return null;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<BackupJob>().AsNoTracking().In(scope).SingleOrDefaultAsync(job => job.Id == id, cancellationToken);
    }

    /// <summary>One page of the jobs that pass a filter, the latest first.</summary>
    public async Task<List<BackupJob>> PageAsync(JobScope scope, JobFilter filter, int count, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = new List<BackupJob>();
        var jobs = filter.Narrow(database.Set<BackupJob>().AsNoTracking().In(scope))
            .OrderByDescending(job => job.StartTime).ThenByDescending(job => job.Id);
        if (filter.Search is not { IsExact: false } search)
        {
            return await jobs.Take(count).ToListAsync(cancellationToken);
        }

        await foreach (var job in jobs.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (search.Matches(JobDocument.Read(job.Document)))
            {
                found.Add(job);
                if (found.Count == count)
                {
                    break;
                }
            }
        }

        return found;
    }

    public Outcome<JobSearch> ParseSearch(SearchClause clause) => JobSearch.Parse(clause, Now);

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    private async IAsyncEnumerable<StoredJob> StreamAsync(
        JobScope scope, Func<IQueryable<BackupJob>, IQueryable<BackupJob>> narrow,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await foreach (var document in narrow(database.Set<BackupJob>().In(scope)).Select(job => job.Document)
            .AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            yield return new StoredJob(document);
        }
    }
}
