using System.Security.Claims;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>Compares a cookie with the administrator it was given to.</summary>
internal sealed class CookieCheck(IDbContextFactory<ServerDbContext> databases)
{
    /// <summary>False as soon as the administrator is gone or the password was changed after the cookie was given out.</summary>
    public async Task<bool> IsCurrentAsync(ClaimsPrincipal? principal, CancellationToken cancellationToken)
    {
        if (principal is null || AdministratorIdentity.From(principal) is not { } caller)
        {
            return false;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var stamp = await database.Set<Administrator>()
            .Where(administrator => administrator.Id == caller.Id)
            .Select(administrator => administrator.SecurityStamp)
            .SingleOrDefaultAsync(cancellationToken);
        return stamp is not null && principal.FindFirstValue(AdministratorCookie.StampClaim) == stamp;
    }
}
