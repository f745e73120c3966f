namespace Halley.Server.AdminWeb.SignIn;

/// <summary>Between password and code, the browser holds the key of a session that is only valid for entering the code.</summary>
internal static class HalfSession
{
    private const string CookieName = "halley-half";

    public static string? KeyOf(HttpContext context) => context.Request.Cookies[CookieName] is { Length: > 0 } key ? key : null;

    public static void Remember(HttpContext context, string key) => context.Response.Cookies.Append(CookieName, key, Options(context));

    public static void Forget(HttpContext context) => context.Response.Cookies.Delete(CookieName, Options(context));

    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = SignInPage.Path,
        MaxAge = TimeSpan.FromMinutes(5),
    };
}
