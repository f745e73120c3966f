using System.Security.Claims;
using Halley.Server.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Halley.Server.Administrators;

/// <summary>
/// The cookie of the pages: the administrator, the session, which a sign-out ends, and the security stamp, which a change of password
/// invalidates.
/// </summary>
internal static class AdministratorCookie
{
    public const string SchemeName = "Cookie";
    public const string CookieName = "halley";
    public const string LoginPath = "/sign-in";
    public const string StampClaim = OwnClaims + "stamp";

    /// <summary>Prefix of the claims that the cookie holds besides the identity.</summary>
    public const string OwnClaims = "halley:cookie:";

    public static ClaimsPrincipal PrincipalOf(Administrator administrator, Guid sessionId) =>
        administrator.ToCaller(sessionId).ToPrincipal(SchemeName, new Claim(StampClaim, administrator.SecurityStamp!));

    /// <summary>The same cookie with the administrator's present claims.</summary>
    public static ClaimsPrincipal Renew(ClaimsPrincipal principal, Caller now) =>
        now.ToPrincipal(SchemeName, principal.Claims.Where(claim => claim.Type.StartsWith(OwnClaims, StringComparison.Ordinal)));

    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = CookieName;
        options.Cookie.HttpOnly = true;
        options.Cookie.Path = "/";
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        // The session decides, not the browser.
        options.ExpireTimeSpan = TimeSpan.FromDays(2);
        options.SlidingExpiration = true;
        options.LoginPath = LoginPath;
        options.AccessDeniedPath = LoginPath;
        options.Events.OnValidatePrincipal = ValidateAsync;
    }

    // Checked with every request instead of at intervals: a change of password must invalidate the cookie at once.
    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var check = context.HttpContext.RequestServices.GetRequiredService<CookieCheck>();
        var current = await check.RefreshAsync(
            context.Principal, context.HttpContext.Connection.RemoteIpAddress, context.HttpContext.RequestAborted);
        if (current is not null)
        {
            context.ReplacePrincipal(current);
            return;
        }

        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(SchemeName);
    }
}
