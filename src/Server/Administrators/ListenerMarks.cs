using System.Security.Claims;
using Halley.Server.Access;
using Halley.Server.Administrators.Tokens;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>The state that an administrator's open stream depends on; see <see cref="Events.ListenerMark"/>.</summary>
internal sealed class ListenerMarks(IDbContextFactory<ServerDbContext> databases, IsOrganizationSuspended isSuspended, TimeProvider time)
{
    public async Task<string?> OfAsync(ClaimsPrincipal listener, CancellationToken cancellationToken)
    {
        if (Caller.TryOf(listener) is not { } caller)
        {
            return null;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var now = await database.Set<Administrator>().AsNoTracking().SingleOrDefaultAsync(row => row.Id == caller.Id, cancellationToken);
        if (now is null || now.RequirePasswordChange || await isSuspended(now.OrganizationId, cancellationToken))
        {
            return null;
        }

        var isToken = Guid.TryParse(listener.FindFirstValue(TokenScopes.TokenClaim), out var token);
        var isAlive = caller.SessionId is { } session ? await IsAliveAsync(database, session, cancellationToken)
            : !isToken || await IsValidAsync(database, token, cancellationToken);
        if (!isAlive)
        {
            return null;
        }

        // Without a session or token the listener signed in with the password, so a new password ends the stream.
        var password = caller.SessionId is null && !isToken ? now.SecurityStamp : "";
        return string.Join('\n', now.OrganizationId, now.Permissions, now.IPWhitelist, password);
    }

    private Task<bool> IsAliveAsync(ServerDbContext database, Guid session, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return database.Set<AdministratorSession>().AnyAsync(
            row => row.Id == session && !row.IsPending && row.ExpiresAt > now && row.EndsAt > now, cancellationToken);
    }

    private Task<bool> IsValidAsync(ServerDbContext database, Guid token, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return database.Set<ApiToken>().AnyAsync(
            row => row.Id == token && (row.ExpiresAt == null || row.ExpiresAt > now), cancellationToken);
    }
}
