namespace Halley.Server.AdminWeb.Browser;

/// <summary>How this browser wants pages: theme and time zone, from a cookie that view.js writes before anything is shown.</summary>
/// <param name="Theme">What the person chose: <c>system</c>, <c>light</c> or <c>dark</c>.</param>
/// <param name="IsDark">What that comes to.</param>
/// <param name="Zone">IANA name of the browser's time zone; empty when it is not known.</param>
public sealed record BrowserView(string Theme, bool IsDark, string Zone)
{
    private const string CookieName = "halley-view";

    public static readonly BrowserView Unknown = new("system", false, "");

    public static BrowserView Of(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var parts = request.Cookies[CookieName]?.Split('|');
        return parts is [var theme and ("system" or "light" or "dark"), var dark, var zone]
            ? new BrowserView(theme, dark == "1", zone.Length <= 64 ? zone : "")
            : Unknown;
    }

    public DateTime ToLocal(DateTime utc) => TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), TimeZone);

    /// <summary>UTC when the browser's zone is not known here: small containers have no zone data.</summary>
    public TimeZoneInfo TimeZone => TimeZoneInfo.TryFindSystemTimeZoneById(Zone, out var zone) ? zone : TimeZoneInfo.Utc;
}
