using System.Net;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Settings;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>Sessions of administrators.</summary>
internal sealed class AdministratorSessions(
    IDbContextFactory<ServerDbContext> databases, CallerSessionOptions options, ServerSettings settings, TimeProvider time)
    : CallerSessions<AdministratorSession, Administrator>(databases, options, settings, time)
{
    /// <summary>How long after its sign-in a session may still make credentials that outlive it.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(5);

    /// <summary>How long a sign-in waits for the second factor.</summary>
    private static readonly TimeSpan PendingLifetime = TimeSpan.FromMinutes(5);

    /// <summary>How long a browser stays signed in without an open page. A person reads for longer than a program waits.</summary>
    private static readonly TimeSpan PageIdle = TimeSpan.FromHours(8);

    private readonly IDbContextFactory<ServerDbContext> _databases = databases;
    private readonly TimeProvider _time = time;

    /// <summary>Starts a session. Only the caller knows the key.</summary>
    public async Task<(string Key, AdministratorSession Session)> StartAsync(
        Guid administratorId, SessionOrigin origin, CancellationToken cancellationToken)
    {
        var made = Make(administratorId, origin);
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        database.Add(made.Session);
        await RecordAsync(database, administratorId, StreamableEventType.AdminSessionStart, made.Session, cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
        return made;
    }

    /// <summary>Starts a session that is only valid for <see cref="CompleteAsync"/>, for five minutes.</summary>
    public async Task<string> StartPendingAsync(Guid administratorId, SessionOrigin origin, CancellationToken cancellationToken)
    {
        var (key, session) = Make(administratorId, origin);
        session.IsPending = true;
        session.ExpiresAt = session.EndsAt = session.StartedAt + PendingLifetime;
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        database.Add(session);
        await database.SaveChangesAsync(cancellationToken);
        return key;
    }

    /// <summary>
    /// Starts the session of a browser. The cookie names it, and nobody gets its key, so it is no credential for the API.
    /// </summary>
    public async Task<Guid> StartPageAsync(Guid administratorId, SessionOrigin origin, CancellationToken cancellationToken)
    {
        var (_, session) = Make(administratorId, origin);
        session.ExpiresAt = Earlier(session.StartedAt + PageIdle, session.EndsAt);
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        database.Add(session);
        await database.SaveChangesAsync(cancellationToken);
        return session.Id;
    }

    /// <summary>Keeps the session of a browser alive. Returns false if it has ended.</summary>
    public async Task<bool> UsePageAsync(Guid administratorId, Guid sessionId, CancellationToken cancellationToken)
    {
        var now = Now;
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        var stored = Alive(database).Where(session => session.Id == sessionId && session.OwnerId == administratorId);
        if (await stored.AsNoTracking().SingleOrDefaultAsync(cancellationToken) is not { } session)
        {
            return false;
        }

        if (now - session.LastUsedAt >= Exactness)
        {
            var expires = Earlier(now + PageIdle, session.EndsAt);
            await stored.ExecuteUpdateAsync(
                change => change.SetProperty(row => row.LastUsedAt, now).SetProperty(row => row.ExpiresAt, expires), cancellationToken);
        }

        return true;
    }

    /// <summary>
    /// True if the caller's session started with a credential minutes ago, so that a session that somebody found or stole is not enough.
    /// </summary>
    public async Task<bool> HasFreshProofAsync(Caller caller, CancellationToken cancellationToken)
    {
        var since = Now - FreshFor;
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        return caller.SessionId is { } id && await Alive(database)
            .AnyAsync(session => session.Id == id && session.OwnerId == caller.Id && session.StartedAt > since, cancellationToken);
    }

    /// <summary>Records a sign-in at the pages.</summary>
    public async Task RecordSignInAsync(Guid administratorId, CancellationToken cancellationToken)
    {
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        await RecordAsync(database, administratorId, StreamableEventType.AdminLogin, session: null, cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The administrator whose second factor the session waits for; null if the key is unknown or has expired.</summary>
    public async Task<Guid?> FindPendingAsync(string key, CancellationToken cancellationToken)
    {
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        return await Pending(database, key).Select(session => (Guid?)session.OwnerId).SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Turns a pending session into an ordinary one. Returns false if it had ended or was completed already.</summary>
    public async Task<bool> CompleteAsync(string key, CancellationToken cancellationToken)
    {
        var now = Now;
        var (expires, ends) = (now + Idle, now + Maximum);
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        var completed = await Pending(database, key).ExecuteUpdateAsync(
            change => change
                .SetProperty(session => session.IsPending, false)
                .SetProperty(session => session.StartedAt, now)
                .SetProperty(session => session.LastUsedAt, now)
                .SetProperty(session => session.ExpiresAt, expires)
                .SetProperty(session => session.EndsAt, ends),
            cancellationToken) > 0;
        if (completed)
        {
            var hash = SessionKey.HashOf(key);
            var started = await database.Set<AdministratorSession>().AsNoTracking().SingleAsync(
                session => session.KeyHash == hash, cancellationToken);
            await RecordAsync(database, started.OwnerId, StreamableEventType.AdminSessionStart, started, cancellationToken);
            await database.SaveChangesAsync(cancellationToken);
        }

        return completed;
    }

    /// <summary>Ends a pending session.</summary>
    public async Task EndPendingAsync(string key, CancellationToken cancellationToken)
    {
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        await Pending(database, key).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>
    /// Returns the administrator of a key and keeps the session alive. Returns null if the key is unknown, the session has ended or the
    /// administrator may not use this address.
    /// </summary>
    public async Task<Caller?> UseAsync(string key, IPAddress? client, CancellationToken cancellationToken)
    {
        if (!SessionKey.IsWellFormed(key))
        {
            return null;
        }

        var hash = SessionKey.HashOf(key);
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        var found = await Alive(database).Where(session => session.KeyHash == hash)
            .Join(
                database.Set<Administrator>(), session => session.OwnerId, administrator => administrator.Id,
                (session, administrator) => new { Session = session, Administrator = administrator })
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null || !AddressRule.Allows(found.Administrator.IPWhitelist, client))
        {
            return null;
        }

        await KeepAliveAsync(database, found.Session, cancellationToken);
        return found.Administrator.ToCaller(found.Session.Id);
    }

    protected override IQueryable<AdministratorSession> Alive(ServerDbContext database) =>
        base.Alive(database).Where(session => !session.IsPending);

    protected override bool HasStarted(AdministratorSession session) => !session.IsPending;

    private IQueryable<AdministratorSession> Pending(ServerDbContext database, string key)
    {
        var (hash, now) = (SessionKey.HashOf(key), Now);
        return database.Set<AdministratorSession>()
            .Where(session => session.KeyHash == hash && session.IsPending && session.ExpiresAt > now);
    }

    private async Task RecordAsync(
        ServerDbContext database, Guid id, StreamableEventType type, AdministratorSession? session, CancellationToken cancellationToken)
    {
        if (await database.Set<Administrator>().Where(row => row.Id == id).Select(Administrator.Subject)
            .SingleOrDefaultAsync(cancellationToken) is { } owner)
        {
            database.Add(EventRecord.Of(
                type, _time.GetUtcNow(), owner.Name, owner.OrganizationId, owner.Name, session?.ToEventData(owner.Name, "admin")));
        }
    }
}
