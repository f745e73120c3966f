using Halley.Server.Administrators;

namespace Halley.Server.AdminWeb.Browser;

/// <summary>The view settings of this browser: theme and time zone, from a cookie that view.js writes before the page is shown.</summary>
/// <param name="Theme">The chosen theme: <c>system</c>, <c>light</c> or <c>dark</c>.</param>
/// <param name="IsDark">True if the choice results in the dark theme.</param>
/// <param name="Zone">IANA name of the browser's time zone; empty if unknown.</param>
public sealed record BrowserView(string Theme, bool IsDark, string Zone)
{
    public static readonly BrowserView Unknown = new("system", false, "");

    /// <summary>The name of the cookie.</summary>
    public static string CookieOf(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.RequestServices.GetRequiredService<InstallationCookies>().NameFor(context, "halley-view");
    }

    public static BrowserView Of(HttpContext context)
    {
        var parts = context.Request.Cookies[CookieOf(context)]?.Split('|');
        return parts is [var theme and ("system" or "light" or "dark"), var dark, var zone]
            ? new BrowserView(theme, dark == "1", zone.Length <= 64 ? zone : "")
            : Unknown;
    }

    public DateTime ToLocal(DateTime utc) => TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), TimeZone);

    /// <summary>The UTC time of a local one; one that clocks skip in spring is taken an hour later.</summary>
    public DateTime ToUtc(DateTime local)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        return TimeZoneInfo.ConvertTimeToUtc(TimeZone.IsInvalidTime(local) ? local.AddHours(1) : local, TimeZone);
    }

    /// <summary>The browser's time zone; UTC if this machine doesn't know it: small containers have no zone data.</summary>
    public TimeZoneInfo TimeZone => TimeZoneInfo.TryFindSystemTimeZoneById(Zone, out var zone) ? zone : TimeZoneInfo.Utc;
}
