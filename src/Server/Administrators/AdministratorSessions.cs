using System.Net;
using System.Security.Cryptography;
using System.Text;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>Sessions of the API, shared by all instances of the server through the database.</summary>
internal sealed class AdministratorSessions(IDbContextFactory<ServerDbContext> databases, SessionOptions options, TimeProvider time)
{
    private const int KeyDigits = 64;

    // A use moves the expiry only this often, so that a busy client does not write to the database with every request.
    private static readonly TimeSpan Exactness = TimeSpan.FromMinutes(1);

    /// <summary>Starts a session; the key is only known to the caller from here on.</summary>
    public Task<(string Key, AdministratorSession Session)> StartAsync(
        Guid administratorId, SessionOrigin origin, CancellationToken cancellationToken) =>
        StartAsync(administratorId, origin, isPending: false, cancellationToken);

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
            ExpiresAt = now + Shorter(options.Idle, options.Maximum),
            EndsAt = now + options.Maximum,
            IsPending = isPending,
            Address = origin.Client?.ToString() ?? "",
            UserAgent = origin.UserAgent,
        };
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(session);
        await database.SaveChangesAsync(cancellationToken);
        return (key, session);
    }

    /// <summary>The administrator a key belongs to, and keeps the session alive; null when the key is unknown or its session has ended.</summary>
    public async Task<AdministratorIdentity?> UseAsync(string key, IPAddress? client, CancellationToken cancellationToken)
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
            var expires = Earlier(now + options.Idle, found.Session.EndsAt);
            await database.Set<AdministratorSession>().Where(session => session.Id == found.Session.Id).ExecuteUpdateAsync(
                change => change.SetProperty(session => session.LastUsedAt, now).SetProperty(session => session.ExpiresAt, expires),
                cancellationToken);
        }

        return AdministratorIdentity.Of(found.Administrator, found.Session.Id);
    }

    /// <summary>Ends one session; false when it had ended already.</summary>
    public async Task<bool> EndAsync(Guid sessionId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<AdministratorSession>().Where(session => session.Id == sessionId).ExecuteDeleteAsync(cancellationToken) > 0;
    }

    /// <summary>Ends all sessions of an administrator, but for the one in which he asks for it.</summary>
    public async Task EndAllAsync(Guid administratorId, Guid? except, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<AdministratorSession>()
            .Where(session => session.AdministratorId == administratorId && session.Id != except)
            .ExecuteDeleteAsync(cancellationToken);
    }

    // The key is random, so a plain hash is enough: there is nothing to guess.
    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static DateTime Earlier(DateTime one, DateTime other) => one < other ? one : other;
}
