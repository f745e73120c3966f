using Halley.Protocol.Events;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Halley.Server.Settings;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Sessions;

/// <summary>Sessions of users.</summary>
internal sealed class AccountSessions(
    IDbContextFactory<ServerDbContext> databases, CallerSessionOptions options, ServerSettings settings,
    IsOrganizationSuspended isSuspended, TimeProvider time)
    : CallerSessions<AccountSession, Account>(databases, options, settings, time)
{
    private const int AtOnce = 500;
    private readonly IDbContextFactory<ServerDbContext> _databases = databases;

    /// <summary>
    /// Starts a session of an authenticated user. Only the caller knows the key. A session that another one starts is no proof of a
    /// credential.
    /// </summary>
    public Task<(string Key, AccountSession Session)> StartAsync(
        AccountIdentity account, SessionOrigin origin, string? deviceId, CancellationToken cancellationToken) =>
        StartAsync(
            account, origin,
            session => (session.DeviceId, session.StartedBy) =
                (deviceId, account.ActingAdministrator
                    ?? (account.SessionId is null ? account.InsteadOfCredential : AccountSession.AnotherSession)),
            account.Actor,
            [StreamableEventType.AccountLogin, StreamableEventType.AccountSessionStart], cancellationToken);

    /// <summary>Starts a session in which an administrator acts as the user.</summary>
    public Task<(string Key, AccountSession Session)> StartForAsync(
        AccountIdentity account, string administrator, SessionOrigin origin, CancellationToken cancellationToken) =>
        StartAsync(
            account, origin, session => session.StartedBy = administrator, administrator, [StreamableEventType.AccountSessionStart],
            cancellationToken);

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
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        var found = await Alive(database).AsNoTracking().Where(session => session.KeyHash == hash)
            .Join(
                database.Set<Account>().Where(account => !account.IsSuspended), session => session.OwnerId, account => account.Id,
                (session, account) => new
                {
                    Session = session,
                    Identity = new AccountIdentity(
                        account.Id, account.Username, account.OrganizationId, session.Id, session.DeviceId, account.RequirePasswordChange,
                        !account.PreventsWebAccess)
                    {
                        ProvedAt = session.StartedBy == "" ? session.StartedAt : null,
                        ActingAdministrator = session.StartedBy == "" || session.StartedBy == AccountIdentity.InstallToken
                            || session.StartedBy == AccountIdentity.KnownDevice || session.StartedBy == AccountSession.AnotherSession
                            ? null : session.StartedBy,
                    },
                })
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null || await isSuspended(found.Identity.OrganizationId, cancellationToken))
        {
            return null;
        }

        await KeepAliveAsync(database, found.Session, cancellationToken);
        return found.Identity;
    }

    /// <summary>Keeps many sessions alive at once. Returns those that are still valid.</summary>
    public async Task<HashSet<Guid>> KeepAliveAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var now = Now;
        var (before, expires) = (now - Exactness, now + Idle);
        var good = new HashSet<Guid>();
        var suspended = new Dictionary<string, bool>(StringComparer.Ordinal);
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        foreach (var some in ids.Chunk(AtOnce))
        {
            var alive = Alive(database).Where(session => some.Contains(session.Id));
            await alive.Where(session => session.LastUsedAt <= before).ExecuteUpdateAsync(
                change => change.SetProperty(session => session.LastUsedAt, now)
                    .SetProperty(session => session.ExpiresAt, session => session.EndsAt < expires ? session.EndsAt : expires),
                cancellationToken);
            var found = await alive.Join(
                database.Set<Account>().Where(account => !account.IsSuspended), session => session.OwnerId, account => account.Id,
                (session, account) => new { session.Id, account.OrganizationId }).ToListAsync(cancellationToken);
            foreach (var organization in found.Select(session => session.OrganizationId).Distinct().Where(id => !suspended.ContainsKey(id)))
            {
                suspended[organization] = await isSuspended(organization, cancellationToken);
            }

            good.UnionWith(found.Where(session => !suspended[session.OrganizationId]).Select(session => session.Id));
        }

        return good;
    }

    /// <summary>Ends the sessions of one device.</summary>
    public Task<int> EndOfDeviceAsync(Guid accountId, string deviceId, string actor, CancellationToken cancellationToken) =>
        EndAsync(accountId, sessions => sessions.Where(session => session.DeviceId == deviceId), actor, cancellationToken);

    private async Task<(string Key, AccountSession Session)> StartAsync(
        AccountIdentity account, SessionOrigin origin, Action<AccountSession> describe, string actor,
        IEnumerable<StreamableEventType> events, CancellationToken cancellationToken)
    {
        var (key, session) = Make(account.Id, origin);
        describe(session);
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        database.Add(session);
        database.AddRange(events.Select(type =>
            EventRecord.Of(
                type, new DateTimeOffset(session.StartedAt), actor, account.OrganizationId, account.Username,
                type == StreamableEventType.AccountSessionStart ? session.ToEventData(account.Username, "user") : null)));
        await database.SaveChangesAsync(cancellationToken);
        return (key, session);
    }
}
