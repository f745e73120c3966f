using System.Linq.Expressions;
using Halley.Protocol;
using Halley.Protocol.Jobs;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>What the last backups of an account say about it. The first that applies counts.</summary>
public enum AccountHealth
{
    /// <summary>Nobody can sign in, and no schedule runs.</summary>
    Suspended,

    /// <summary>No backup has ended yet.</summary>
    NeverBackedUp,

    /// <summary>The last backup of a protected item failed.</summary>
    Failed,

    /// <summary>The last backup of a protected item had warnings, was cancelled, or was missed.</summary>
    Warning,

    /// <summary>The last backup of every protected item succeeded.</summary>
    Fine,
}

/// <summary>An account and its last backup.</summary>
/// <param name="Account">The account.</param>
/// <param name="Devices">How many devices are registered.</param>
/// <param name="Health">What its last backups say.</param>
/// <param name="LastBackupAt">When its last backup started; null before the first one that has ended.</param>
/// <param name="LastStatus">How that one ended; null when its job has been pruned.</param>
/// <param name="LastSuccessAt">When its last successful backup started; null before the first one.</param>
internal sealed record AccountOverview(
    AccountInfo Account, int Devices, AccountHealth Health, DateTime? LastBackupAt, JobStatus? LastStatus, DateTime? LastSuccessAt);

/// <summary>Lists accounts with the state of their backups. The database decides the state; no profile is read.</summary>
internal sealed class AccountOverviewActions(IDbContextFactory<ServerDbContext> databases)
{
    // Ends of a backup that ask for a look, and are no failure.
    private static readonly JobStatus[] Harmless = [JobStatus.Warning, JobStatus.Missed, JobStatus.Cancelled, JobStatus.Skipped];

    /// <summary>How many accounts the caller may see.</summary>
    public async Task<int> CountAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Account>().In(caller.Scope).CountAsync(cancellationToken);
    }

    /// <summary>One page of accounts in the order of their names, from the first one after a name.</summary>
    /// <param name="health">Only accounts in this state; null for all.</param>
    public async Task<Page<AccountOverview>> ListAsync(
        Caller caller, AccountFilter filter, AccountHealth? health, string? after, int count, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var accounts = filter.Narrow(database.Set<Account>().AsNoTracking().In(caller.Scope), after);
        var states = accounts.Select(HealthIn(database));
        // Only these columns are sorted and filtered; the others are read for the accounts of the page.
        var found = await (health is null ? states : states.Where(state => state.Health == health))
            .OrderBy(state => state.Username).Take(count + 1).ToListAsync(cancellationToken);
        var shown = await ReadAsync(database, found, cancellationToken);
        return Paging.Page(
            found.Where(state => shown.ContainsKey(state.Id)).Select(state => shown[state.Id]), count, overview => overview,
            overview => overview.Account.Username);
    }

    public async Task<Outcome<AccountOverview>> FindAsync(AccountCaller caller, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await database.Set<Account>().AsNoTracking().In(caller.Scope).Where(account => account.Username == caller.Username)
            .Select(HealthIn(database)).ToListAsync(cancellationToken);
        return (await ReadAsync(database, found, cancellationToken)).Values.SingleOrDefault() is { } overview
            ? overview
            : AccountRefusals.NotFound;
    }

    private static Expression<Func<Account, State>> HealthIn(ServerDbContext database)
    {
        var items = database.Set<SourceStatus>().AsNoTracking();
        var jobs = database.Set<BackupJob>().AsNoTracking();
        return account => new State
        {
            Id = account.Id,
            Username = account.Username,
            Health = account.IsSuspended ? AccountHealth.Suspended
                : !items.Any(item => item.AccountId == account.Id && item.LastJobStart > 0) ? AccountHealth.NeverBackedUp
                // Without its job, which has been pruned, a backup that did not succeed counts as failed.
                : items.Any(item => item.AccountId == account.Id && item.LastJobStart > item.LastSuccessStart
                    && !jobs.Any(job => job.AccountId == item.AccountId && job.StartTime == item.LastJobStart
                        && job.SourceId == item.SourceId
                        && Harmless.Contains(job.Status)))
                    ? AccountHealth.Failed
                : items.Any(item => item.AccountId == account.Id
                    && (item.LastJobStart > item.LastSuccessStart
                        || jobs.Any(job => job.AccountId == item.AccountId && job.StartTime > item.LastStartTime
                            && job.SourceId == item.SourceId && job.Status == JobStatus.Missed)))
                    ? AccountHealth.Warning
                : AccountHealth.Fine,
        };
    }

    private static async Task<Dictionary<Guid, AccountOverview>> ReadAsync(
        ServerDbContext database, List<State> states, CancellationToken cancellationToken)
    {
        var ids = states.ConvertAll(state => state.Id);
        var accounts = database.Set<Account>().AsNoTracking().Where(account => ids.Contains(account.Id));
        var infos = await AccountActions.Show(accounts).ToDictionaryAsync(info => info.Username, cancellationToken);
        var devices = await database.Set<Device>().Where(device => ids.Contains(device.AccountId)).GroupBy(device => device.AccountId)
            .Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);
        var items = await database.Set<SourceStatus>().Where(item => ids.Contains(item.AccountId)).GroupBy(item => item.AccountId)
            .Select(group => new
            {
                group.Key,
                Started = group.Max(item => item.LastJobStart),
                Succeeded = group.Max(item => item.LastSuccessStart),
            })
            .ToDictionaryAsync(group => group.Key, cancellationToken);
        var jobs = database.Set<BackupJob>().Where(job =>
            job.Classification == JobClassification.Backup && job.EndTime > 0 && job.Status != JobStatus.Missed);
        var last = await accounts
            .Select(account => new
            {
                account.Id,
                Start = jobs.Where(job => job.AccountId == account.Id).Max(job => (long?)job.StartTime),
                Status = jobs.Where(job => job.AccountId == account.Id).OrderByDescending(job => job.StartTime)
                    .Select(job => (JobStatus?)job.Status).FirstOrDefault(),
            })
            .ToDictionaryAsync(account => account.Id, cancellationToken);
        return states.Where(state => infos.ContainsKey(state.Username)).ToDictionary(state => state.Id, state =>
        {
            var (times, job) = (items.GetValueOrDefault(state.Id), last.GetValueOrDefault(state.Id));
            return new AccountOverview(
                infos[state.Username], devices.GetValueOrDefault(state.Id), state.Health, TimeOf(job?.Start ?? times?.Started),
                job?.Status, TimeOf(times?.Succeeded));
        });
    }

    private static DateTime? TimeOf(long? seconds) => seconds is > 0 ? DateTimeOffset.FromUnixTimeSeconds(seconds.Value).UtcDateTime : null;

    private sealed class State
    {
        public Guid Id { get; init; }

        public required string Username { get; init; }

        public AccountHealth Health { get; init; }
    }
}
