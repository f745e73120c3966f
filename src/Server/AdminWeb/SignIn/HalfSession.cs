using Halley.Server.Administrators;

namespace Halley.Server.AdminWeb.SignIn;

/// <summary>Between password and code, the browser holds the key of a session that is only valid for entering the code.</summary>
internal static class HalfSession
{
    private const string CookieName = "halley-half";

    public static string? KeyOf(HttpContext context) =>
        Names(context).GetRequestCookie(context, CookieName) is { Length: > 0 } key ? key : null;

    public static void Remember(HttpContext context, string key) =>
        Names(context).AppendResponseCookie(context, CookieName, key, Options(context));

    public static void Forget(HttpContext context) => Names(context).DeleteCookie(context, CookieName, Options(context));

    private static InstallationCookies Names(HttpContext context) => context.RequestServices.GetRequiredService<InstallationCookies>();

    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = "/",
        MaxAge = TimeSpan.FromMinutes(5),
    };
}
