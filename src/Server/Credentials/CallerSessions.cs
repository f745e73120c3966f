using Halley.Protocol.Events;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Settings;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Credentials;

/// <summary>Sessions of one kind of caller. All instances of the server share them through the database.</summary>
internal abstract class CallerSessions<TSession, TOwner>(
    IDbContextFactory<ServerDbContext> databases, CallerSessionOptions options, ServerSettings settings, TimeProvider time)
    where TSession : CallerSession, new()
    where TOwner : class, ISignInOwner<TOwner>
{
    // A use moves the expiry only this often, so that a busy client doesn't write to the database with every request.
    protected static readonly TimeSpan Exactness = TimeSpan.FromMinutes(1);
    private const int AtOnce = 500;

    protected DateTime Now => time.GetUtcNow().UtcDateTime;

    protected TimeSpan Idle => settings.Current.SessionSettings.ExpiredInSeconds is > 0 and var seconds
        ? Shorter(TimeSpan.FromSeconds(Math.Min(seconds, options.Maximum.TotalSeconds)), options.Maximum)
        : Shorter(options.Idle, options.Maximum);

    protected TimeSpan Maximum => options.Maximum;

    /// <summary>The sessions of an owner that have not ended, oldest first.</summary>
    public async Task<List<TSession>> ListAsync(Guid ownerId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await Alive(database).AsNoTracking().Where(session => session.OwnerId == ownerId)
            .OrderBy(session => session.StartedAt).ThenBy(session => session.Id)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Ends one session of an owner. Returns false if there is none with this id, or it had ended already.</summary>
    public async Task<bool> EndAsync(Guid ownerId, Guid sessionId, string actor, CancellationToken cancellationToken) =>
        await EndAsync(ownerId, sessions => sessions.Where(session => session.Id == sessionId), actor, cancellationToken) > 0;

    /// <summary>Ends all sessions of an owner except <paramref name="except"/>, the session of the request.</summary>
    public Task<int> EndAllAsync(Guid ownerId, Guid? except, string actor, CancellationToken cancellationToken) =>
        EndAsync(ownerId, sessions => sessions.Where(session => session.Id != except), actor, cancellationToken);

    /// <summary>Removes sessions that have ended and records an event for each. They are rejected anyway.</summary>
    public async Task RemoveExpiredAsync(CancellationToken cancellationToken)
    {
        int found;
        do
        {
            var now = Now;
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var expired = await database.Set<TSession>().AsTracking()
                .Where(session => session.ExpiresAt <= now || session.EndsAt <= now)
                .OrderBy(session => session.Id).Take(AtOnce).ToListAsync(cancellationToken);
            found = expired.Count;
            await RemoveAsync(database, expired, TOwner.Events.SessionExpired, "", cancellationToken);
        }
        while (found == AtOnce);
    }

    /// <summary>The sessions that may be used now.</summary>
    protected virtual IQueryable<TSession> Alive(ServerDbContext database)
    {
        var now = Now;
        return database.Set<TSession>().Where(session => session.ExpiresAt > now && session.EndsAt > now);
    }

    /// <summary>False for a session that was never usable; its end is no event.</summary>
    protected virtual bool HasStarted(TSession session) => true;

    /// <summary>A new session, not stored yet, and its key.</summary>
    protected (string Key, TSession Session) Make(Guid ownerId, SessionOrigin origin)
    {
        var key = SessionKey.New();
        var now = Now;
        return (key, new TSession
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            OwnerId = ownerId,
            KeyHash = SessionKey.HashOf(key),
            StartedAt = now,
            LastUsedAt = now,
            ExpiresAt = now + Idle,
            EndsAt = now + Maximum,
            Address = origin.Address,
            UserAgent = origin.UserAgent,
        });
    }

    /// <summary>Moves the expiry of a session that was just used.</summary>
    protected async Task KeepAliveAsync(ServerDbContext database, TSession session, CancellationToken cancellationToken)
    {
        var now = Now;
        if (now - session.LastUsedAt < Exactness)
        {
            return;
        }

        var expires = Earlier(now + Idle, session.EndsAt);
        await database.Set<TSession>().Where(stored => stored.Id == session.Id).ExecuteUpdateAsync(
            change => change.SetProperty(stored => stored.LastUsedAt, now).SetProperty(stored => stored.ExpiresAt, expires),
            cancellationToken);
    }

    protected async Task<int> EndAsync(
        Guid ownerId, Func<IQueryable<TSession>, IQueryable<TSession>> which, string actor, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var ended = await which(database.Set<TSession>().AsTracking().Where(session => session.OwnerId == ownerId))
            .ToListAsync(cancellationToken);
        return await RemoveAsync(database, ended, TOwner.Events.SessionRevoked, actor, cancellationToken);
    }

    // If somebody else removes a session at the same moment, they also write its event.
    private async Task<int> RemoveAsync(
        ServerDbContext database, List<TSession> sessions, StreamableEventType type, string actor, CancellationToken cancellationToken)
    {
        var removed = 0;
        var ids = sessions.Select(session => session.OwnerId).Distinct().ToList();
        var owners = await database.Set<TOwner>().Where(owner => ids.Contains(owner.Id)).Select(TOwner.Subject)
            .ToDictionaryAsync(owner => owner.Id, cancellationToken);
        foreach (var session in sessions.Where(session => owners.ContainsKey(session.OwnerId)))
        {
            var owner = owners[session.OwnerId];
            database.Remove(session);
            var record = HasStarted(session)
                ? database.Add(EventRecord.Of(type, time.GetUtcNow(), actor, owner.OrganizationId, owner.Name))
                : null;
            try
            {
                await database.SaveChangesAsync(cancellationToken);
                removed++;
            }
            catch (DbUpdateConcurrencyException)
            {
                record?.State = EntityState.Detached;
                database.Entry(session).State = EntityState.Detached;
            }
        }

        return removed;
    }

    protected static DateTime Earlier(DateTime one, DateTime other) => one < other ? one : other;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
