using System.Globalization;
using System.Security.Claims;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.Credentials;
using Microsoft.AspNetCore.Authentication;

namespace Halley.Server.AdminWeb.SignIn;

/// <summary>
/// The session of a browser: a row that a sign-out ends, and the cookie that names it. The cookie is set in an ordinary response before any
/// circuit starts.
/// </summary>
internal static class PageSession
{
    private const string SinceClaim = AdministratorCookie.OwnClaims + "since";

    /// <summary>Starts a session; the one that the browser had ends.</summary>
    public static async Task StartAsync(HttpContext context, Administrator administrator, DateTimeOffset now)
    {
        await EndStoredAsync(context);
        var session = await Sessions(context).StartPageAsync(administrator.Id, SessionOrigin.Of(context), context.RequestAborted);
        var principal = AdministratorCookie.PrincipalOf(administrator, session);
        principal.Identities.First().AddClaim(new Claim(SinceClaim, now.UtcTicks.ToString(CultureInfo.InvariantCulture)));
        await context.SignInAsync(AdministratorCookie.SchemeName, principal);
    }

    /// <summary>Ends the session on the server, so that a copy of the cookie is worth nothing, and removes the cookie.</summary>
    public static async Task EndAsync(HttpContext context)
    {
        await EndStoredAsync(context);
        await context.SignOutAsync(AdministratorCookie.SchemeName);
    }

    private static async Task EndStoredAsync(HttpContext context)
    {
        if (Caller.TryOf(context.User) is { SessionId: { } session } caller)
        {
            await Sessions(context).EndAsync(caller.Id, session, caller.Name, context.RequestAborted);
        }
    }

    private static AdministratorSessions Sessions(HttpContext context) =>
        context.RequestServices.GetRequiredService<AdministratorSessions>();

    /// <summary>UTC time at which the person signed in.</summary>
    public static DateTime? SinceOf(ClaimsPrincipal principal) =>
        long.TryParse(principal.FindFirstValue(SinceClaim), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? new DateTime(ticks, DateTimeKind.Utc)
            : null;

    /// <summary>Returns a path of this server, or the dashboard, so that an address in a link never leads to another site.</summary>
    /// <param name="address">The address in the link.</param>
    /// <param name="below">The path under which a proxy serves this server, which the framework puts before its own links.</param>
    public static string LocalPath(string? address, PathString below) =>
        below.HasValue && address?.StartsWith($"{below}/", StringComparison.Ordinal) == true ? LocalPath(address[below.Value.Length..])
        : LocalPath(address);

    private static string LocalPath(string? address) =>
        address is ['/', ..] and not ['/', '/' or '\\', ..] && !address.Any(char.IsControl)
            && !address.StartsWith("/sign-in", StringComparison.Ordinal)
            ? address
            : "/";
}
