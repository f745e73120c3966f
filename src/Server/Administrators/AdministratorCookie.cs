using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Halley.Server.Administrators;

/// <summary>The cookie of the page: who is signed in, and the security stamp that a change of password makes invalid.</summary>
internal static class AdministratorCookie
{
    public const string SchemeName = "Cookie";
    public const string CookieName = "halley";
    public const string LoginPath = "/sign-in";
    public const string StampClaim = "halley:stamp";

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

    // With every request, not once in a while: after a change of password no page may go on for another minute.
    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var check = context.HttpContext.RequestServices.GetRequiredService<CookieCheck>();
        if (!await check.IsCurrentAsync(context.Principal, context.HttpContext.RequestAborted))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(SchemeName);
        }
    }
}
