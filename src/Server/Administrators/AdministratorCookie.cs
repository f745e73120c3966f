using Halley.Server.Data;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.EntityFrameworkCore;
using System.Security.Claims;

namespace Halley.Server.Administrators;

/// <summary>The cookie of the page: who is signed in, and the security stamp that a change of password makes invalid.</summary>
internal static class AdministratorCookie
{
    public const string SchemeName = "Cookie";
    public const string CookieName = "halley";
    public const string LoginPath = "/sign-in";
    private const string StampClaim = "halley:stamp";

    public static ClaimsPrincipal PrincipalOf(Administrator administrator) =>
        new AdministratorIdentity(administrator.Id, administrator.UserName!)
            .ToPrincipal(SchemeName, new Claim(StampClaim, administrator.SecurityStamp!));

    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = CookieName;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = TimeSpan.FromHours(8);
        options.SlidingExpiration = true;
        options.LoginPath = LoginPath;
        options.AccessDeniedPath = LoginPath;
        options.Events.OnValidatePrincipal = ValidateAsync;
    }

    /// <summary>False as soon as the administrator is gone or the password was changed after the cookie was given out.</summary>
    public static async Task<bool> IsCurrentAsync(
        ClaimsPrincipal? principal, IDbContextFactory<ServerDbContext> databases, CancellationToken cancellationToken)
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
        return stamp is not null && principal.FindFirstValue(StampClaim) == stamp;
    }

    // With every request, not once in a while: after a change of password no page may go on for another minute.
    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var databases = context.HttpContext.RequestServices.GetRequiredService<IDbContextFactory<ServerDbContext>>();
        if (!await IsCurrentAsync(context.Principal, databases, context.HttpContext.RequestAborted))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(SchemeName);
        }
    }
}
