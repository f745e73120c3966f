using System.Globalization;
using System.Security.Claims;
using Halley.Server.Administrators;
using Microsoft.AspNetCore.Authentication;

namespace Halley.Server.AdminWeb.SignIn;

/// <summary>The session of a browser: a cookie, set in an ordinary response before any circuit starts.</summary>
internal static class PageSession
{
    private const string SinceClaim = AdministratorCookie.OwnClaims + "since";

    public static Task StartAsync(HttpContext context, Administrator administrator, DateTimeOffset now)
    {
        var principal = AdministratorCookie.PrincipalOf(administrator);
        principal.Identities.First().AddClaim(new Claim(SinceClaim, now.UtcTicks.ToString(CultureInfo.InvariantCulture)));
        return context.SignInAsync(AdministratorCookie.SchemeName, principal);
    }

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
