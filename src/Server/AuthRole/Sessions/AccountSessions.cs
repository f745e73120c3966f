using Halley.Protocol.Events;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Halley.Server.Settings;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Sessions;

/// <summary>Sessions of users. All instances of the server share them through the database.</summary>
internal sealed class AccountSessions(
    IDbContextFactory<ServerDbContext> databases, ServerSettings settings, IsOrganizationSuspended isSuspended, TimeProvider time)
{
    private static readonly TimeSpan DefaultIdle = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Maximum = TimeSpan.FromHours(48);

    // A use moves the expiry only this often, so that a busy client doesn't write to the database with every request.
    private static readonly TimeSpan Exactness = TimeSpan.FromMinutes(1);
    private const int AtOnce = 500;

    private TimeSpan Idle => settings.Current.SessionSettings.ExpiredInSeconds is > 0 and var seconds
        ? TimeSpan.FromSeconds(Math.Min(seconds, Maximum.TotalSeconds))
        : DefaultIdle;

    /// <summary>Starts a session of an authenticated user. Only the caller knows the key.</summary>
    public Task<(string Key, AccountSession Session)> StartAsync(
        AccountIdentity account, SessionStart start, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return SaveAsync(account, start, [
            EventRecord.Of(StreamableEventType.AccountLogin, now, account.Username, account.OrganizationId, account.Username),
            EventRecord.Of(StreamableEventType.AccountSessionStart, now, account.Username, account.OrganizationId, account.Username),
        ], cancellationToken);
    }

    /// <summary>Starts a session in which an administrator acts as the user.</summary>
    public Task<(string Key, AccountSession Session)> StartForAsync(
        AccountIdentity account, string administrator, SessionStart start, CancellationToken cancellationToken) =>
        SaveAsync(account, start with { StartedBy = administrator }, [
            EventRecord.Of(
                StreamableEventType.AccountSessionStart, time.GetUtcNow(), administrator, account.OrganizationId, account.Username),
        ], cancellationToken);

    /// <summary>
    /// Returns the user of a key and keeps the session alive. Returns null if the key is unknown, the session has ended, or the user or
    /// the user's organization is suspended.
    /// </summary>
    public async Task<AccountIdentity?> UseAsync(string key, CancellationToken cancellationToken)
    {
        if (!SessionKey.IsWellFormed(key))
        {
            return null;
        }

        var hash = SessionKey.HashOf(key);
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await database.Set<AccountSession>().AsNoTracking()
            .Where(session => session.KeyHash == hash && session.ExpiresAt > now && session.EndsAt > now)
            .Join(
                database.Set<Account>().Where(account => !account.IsSuspended), session => session.AccountId, account => account.Id,
                (session, account) => new
                {
                    Session = session,
                    Identity = new AccountIdentity(
                        account.Id, account.Username, account.OrganizationId, session.Id, session.DeviceId, account.RequirePasswordChange,
                        !account.PreventsWebAccess),
                })
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null || await isSuspended(found.Identity.OrganizationId, cancellationToken))
        {
            return null;
        }

        if (now - found.Session.LastUsedAt >= Exactness)
        {
            var expires = Earlier(now + Idle, found.Session.EndsAt);
            await database.Set<AccountSession>().Where(session => session.Id == found.Session.Id).ExecuteUpdateAsync(
                change => change.SetProperty(session => session.LastUsedAt, now).SetProperty(session => session.ExpiresAt, expires),
                cancellationToken);
        }

        return found.Identity;
    }

    /// <summary>Keeps many sessions alive at once. Returns those that are still valid.</summary>
    public async Task<HashSet<Guid>> KeepAliveAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var (before, expires) = (now - Exactness, now + Idle);
        var good = new HashSet<Guid>();
        var suspended = new Dictionary<string, bool>(StringComparer.Ordinal);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var some in ids.Chunk(AtOnce))
        {
            var alive = database.Set<AccountSession>()
                .Where(session => some.Contains(session.Id) && session.ExpiresAt > now && session.EndsAt > now);
            await alive.Where(session => session.LastUsedAt <= before).ExecuteUpdateAsync(
                change => change.SetProperty(session => session.LastUsedAt, now)
                    .SetProperty(session => session.ExpiresAt, session => session.EndsAt < expires ? session.EndsAt : expires),
                cancellationToken);
            var found = await alive.Join(
                database.Set<Account>().Where(account => !account.IsSuspended), session => session.AccountId, account => account.Id,
                (session, account) => new { session.Id, account.OrganizationId }).ToListAsync(cancellationToken);
            foreach (var organization in found.Select(session => session.OrganizationId).Distinct().Where(id => !suspended.ContainsKey(id)))
            {
                suspended[organization] = await isSuspended(organization, cancellationToken);
            }

            good.UnionWith(found.Where(session => !suspended[session.OrganizationId]).Select(session => session.Id));
        }

        return good;
    }

    /// <summary>The sessions of an account that have not ended, last used first.</summary>
    public async Task<IReadOnlyList<AccountSession>> ListAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<AccountSession>().AsNoTracking()
            .Where(session => session.AccountId == accountId && session.ExpiresAt > now && session.EndsAt > now)
            .OrderByDescending(session => session.LastUsedAt).ThenBy(session => session.Id)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Ends one session of an account. Returns false if it had ended already.</summary>
    public async Task<bool> EndAsync(Guid accountId, Guid sessionId, string actor, CancellationToken cancellationToken) =>
        await EndAsync(accountId, sessions => sessions.Where(session => session.Id == sessionId), actor, cancellationToken) > 0;

    /// <summary>Ends all sessions of an account except <paramref name="except"/>, the session of the request.</summary>
    public Task<int> EndAllAsync(Guid accountId, Guid? except, string actor, CancellationToken cancellationToken) =>
        EndAsync(accountId, sessions => sessions.Where(session => session.Id != except), actor, cancellationToken);

    /// <summary>Ends the sessions of one device.</summary>
    public Task<int> EndOfDeviceAsync(Guid accountId, string deviceId, string actor, CancellationToken cancellationToken) =>
        EndAsync(accountId, sessions => sessions.Where(session => session.DeviceId == deviceId), actor, cancellationToken);

    /// <summary>Removes expired sessions and records an event for each. They are rejected anyway.</summary>
    public async Task<int> RemoveExpiredAsync(int most, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var expired = await database.Set<AccountSession>().AsTracking()
            .Where(session => session.ExpiresAt <= now || session.EndsAt <= now)
            .OrderBy(session => session.Id).Take(most).ToListAsync(cancellationToken);
        return await RemoveAsync(database, expired, StreamableEventType.AccountSessionExpire, "", cancellationToken);
    }

    private async Task<(string Key, AccountSession Session)> SaveAsync(
        AccountIdentity account, SessionStart start, IEnumerable<EventRecord> events, CancellationToken cancellationToken)
    {
        var key = SessionKey.New();
        var now = time.GetUtcNow().UtcDateTime;
        var session = new AccountSession
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            AccountId = account.Id,
            KeyHash = SessionKey.HashOf(key),
            StartedAt = now,
            LastUsedAt = now,
            ExpiresAt = Earlier(now + Idle, now + Maximum),
            EndsAt = now + Maximum,
            DeviceId = start.DeviceId,
            StartedBy = start.StartedBy,
            Address = start.Address,
            UserAgent = start.UserAgent,
        };
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(session);
        database.AddRange(events);
        await database.SaveChangesAsync(cancellationToken);
        return (key, session);
    }

    private async Task<int> EndAsync(
        Guid accountId, Func<IQueryable<AccountSession>, IQueryable<AccountSession>> which, string actor,
            CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var ended = await which(database.Set<AccountSession>().AsTracking().Where(session => session.AccountId == accountId))
            .ToListAsync(cancellationToken);
        return await RemoveAsync(database, ended, StreamableEventType.AccountSessionRevoke, actor, cancellationToken);
    }

    // If somebody else removes a session at the same moment, they also write its event.
    private async Task<int> RemoveAsync(
        ServerDbContext database, List<AccountSession> sessions, StreamableEventType type, string actor,
            CancellationToken cancellationToken)
    {
        var removed = 0;
        var ids = sessions.Select(session => session.AccountId).Distinct().ToList();
        var accounts = await database.Set<Account>().Where(account => ids.Contains(account.Id))
            .Select(account => new { account.Id, account.Username, account.OrganizationId })
            .ToDictionaryAsync(account => account.Id, cancellationToken);
        foreach (var session in sessions.Where(session => accounts.ContainsKey(session.AccountId)))
        {
            var account = accounts[session.AccountId];
            database.Remove(session);
            var told = database.Add(EventRecord.Of(type, time.GetUtcNow(), actor, account.OrganizationId, account.Username));
            try
            {
                await database.SaveChangesAsync(cancellationToken);
                removed++;
            }
            catch (DbUpdateConcurrencyException)
            {
                told.State = EntityState.Detached;
                database.Entry(session).State = EntityState.Detached;
            }
        }

        return removed;
    }

    private static DateTime Earlier(DateTime one, DateTime other) => one < other ? one : other;
}
