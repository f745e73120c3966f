using System.Net;
using System.Security.Cryptography;
using System.Text;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Settings;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>Sessions of the API. All instances of the server share them through the database.</summary>
internal sealed class AdministratorSessions(
    IDbContextFactory<ServerDbContext> databases, SessionOptions options, ServerSettings settings, TimeProvider time)
{
    private const int KeyDigits = 64;

    /// <summary>How long a sign-in waits for the second factor.</summary>
    private static readonly TimeSpan PendingLifetime = TimeSpan.FromMinutes(5);

    // A use moves the expiry only this often, so that a busy client doesn't write to the database with every request.
    private static readonly TimeSpan Exactness = TimeSpan.FromMinutes(1);

    private TimeSpan Idle => settings.Current.SessionSettings.ExpiredInSeconds is > 0 and var seconds
        ? TimeSpan.FromSeconds(Math.Min(seconds, options.Maximum.TotalSeconds))
        : options.Idle;

    /// <summary>Starts a session. Only the caller knows the key.</summary>
    public Task<(string Key, AdministratorSession Session)> StartAsync(
        Guid administratorId, SessionOrigin origin, CancellationToken cancellationToken) =>
        StartAsync(administratorId, origin, isPending: false, cancellationToken);

    /// <summary>Starts a session that is only valid for <see cref="CompleteAsync"/>, for five minutes.</summary>
    public Task<(string Key, AdministratorSession Session)> StartPendingAsync(
        Guid administratorId, SessionOrigin origin, CancellationToken cancellationToken) =>
        StartAsync(administratorId, origin, isPending: true, cancellationToken);

    private async Task<(string Key, AdministratorSession Session)> StartAsync(
        Guid administratorId, SessionOrigin origin, bool isPending, CancellationToken cancellationToken)
    {
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyDigits / 2));
        var now = time.GetUtcNow().UtcDateTime;
        var session = new AdministratorSession
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            AdministratorId = administratorId,
            KeyHash = HashOf(key),
            StartedAt = now,
            LastUsedAt = now,
            ExpiresAt = now + (isPending ? PendingLifetime : Shorter(Idle, options.Maximum)),
            EndsAt = now + (isPending ? PendingLifetime : options.Maximum),
            IsPending = isPending,
            Address = origin.Client?.ToString() ?? "",
            UserAgent = origin.UserAgent,
        };
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(session);
        if (!isPending)
        {
            await RecordSignInAsync(database, administratorId, StreamableEventType.AdminSessionStart, cancellationToken);
        }

        await database.SaveChangesAsync(cancellationToken);
        return (key, session);
    }

    /// <summary>Records a sign-in at the pages, which don't use these sessions.</summary>
    public async Task RecordSignInAsync(Guid administratorId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await RecordSignInAsync(database, administratorId, StreamableEventType.AdminLogin, cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The administrator whose second factor the session waits for; null if the key is unknown or has expired.</summary>
    public async Task<Guid?> FindPendingAsync(string key, CancellationToken cancellationToken)
    {
        var hash = HashOf(key);
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<AdministratorSession>()
            .Where(session => session.KeyHash == hash && session.IsPending && session.ExpiresAt > now)
            .Select(session => (Guid?)session.AdministratorId)
            .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Turns a pending session into an ordinary one. Returns false if it had ended or was completed already.</summary>
    public async Task<bool> CompleteAsync(string key, CancellationToken cancellationToken)
    {
        var hash = HashOf(key);
        var now = time.GetUtcNow().UtcDateTime;
        var (expires, ends) = (now + Shorter(Idle, options.Maximum), now + options.Maximum);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var waiting = database.Set<AdministratorSession>().Where(session => session.KeyHash == hash);
        var completed = await waiting.Where(session => session.IsPending && session.ExpiresAt > now).ExecuteUpdateAsync(
            change => change
                .SetProperty(session => session.IsPending, false)
                .SetProperty(session => session.StartedAt, now)
                .SetProperty(session => session.LastUsedAt, now)
                .SetProperty(session => session.ExpiresAt, expires)
                .SetProperty(session => session.EndsAt, ends),
            cancellationToken) > 0;
        if (completed)
        {
            var owner = await waiting.Select(session => session.AdministratorId).SingleAsync(cancellationToken);
            await RecordSignInAsync(database, owner, StreamableEventType.AdminSessionStart, cancellationToken);
            await database.SaveChangesAsync(cancellationToken);
        }

        return completed;
    }

    /// <summary>Ends a pending session.</summary>
    public async Task EndPendingAsync(string key, CancellationToken cancellationToken)
    {
        var hash = HashOf(key);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<AdministratorSession>().Where(session => session.KeyHash == hash && session.IsPending)
            .ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>
    /// Returns the administrator of a key and keeps the session alive. Returns null if the key is unknown, the session has ended or the
    /// administrator may not use this address.
    /// </summary>
    public async Task<Caller?> UseAsync(string key, IPAddress? client, CancellationToken cancellationToken)
    {
        if (key.Length != KeyDigits)
        {
            return null;
        }

        var hash = HashOf(key);
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await database.Set<AdministratorSession>()
            .Where(session => session.KeyHash == hash && !session.IsPending && session.ExpiresAt > now && session.EndsAt > now)
            .Join(
                database.Set<Administrator>(), session => session.AdministratorId, administrator => administrator.Id,
                (session, administrator) => new { Session = session, Administrator = administrator })
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null || !AddressRule.Allows(found.Administrator.IPWhitelist, client))
        {
            return null;
        }

        if (now - found.Session.LastUsedAt >= Exactness)
        {
            var expires = Earlier(now + Idle, found.Session.EndsAt);
            await database.Set<AdministratorSession>().Where(session => session.Id == found.Session.Id).ExecuteUpdateAsync(
                change => change.SetProperty(session => session.LastUsedAt, now).SetProperty(session => session.ExpiresAt, expires),
                cancellationToken);
        }

        return found.Administrator.ToCaller(found.Session.Id);
    }

    /// <summary>The sessions of an administrator that have not ended, oldest first.</summary>
    public async Task<List<AdministratorSession>> ListAsync(Guid administratorId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<AdministratorSession>().AsNoTracking()
            .Where(session =>
                session.AdministratorId == administratorId && !session.IsPending && session.ExpiresAt > now && session.EndsAt > now)
            .OrderBy(session => session.StartedAt).ThenBy(session => session.Id)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Ends one session of an administrator. Returns false if there is none with this id, or it had ended already.</summary>
    public async Task<bool> EndAsync(Guid administratorId, Guid sessionId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var ended = await database.Set<AdministratorSession>()
            .Where(session => session.Id == sessionId && session.AdministratorId == administratorId)
            .ExecuteDeleteAsync(cancellationToken) > 0;
        if (ended && await database.Set<Administrator>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.Id == administratorId, cancellationToken) is { } owner)
        {
            database.Add(EventRecord.Of(
                StreamableEventType.AdminSessionRevoke, time.GetUtcNow(), owner.UserName!, owner.OrganizationId, owner.UserName!));
            await database.SaveChangesAsync(cancellationToken);
        }

        return ended;
    }

    private async Task RecordSignInAsync(ServerDbContext database, Guid id, StreamableEventType type, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await database.Set<Administrator>().Where(row => row.Id == id).ExecuteUpdateAsync(
            change => change.SetProperty(row => row.LastSignInAt, now.UtcDateTime), cancellationToken);
        if (await database.Set<Administrator>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is { } administrator)
        {
            database.Add(EventRecord.Of(type, now, administrator.UserName!, administrator.OrganizationId, administrator.UserName!));
        }
    }

    // The key is random and can't be guessed, so a plain hash is enough.
    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static DateTime Earlier(DateTime one, DateTime other) => one < other ? one : other;
}
