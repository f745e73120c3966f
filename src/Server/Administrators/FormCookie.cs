namespace Halley.Server.Administrators;

/// <summary>The cookie that protects forms. The framework reads its name with each request, so it can depend on the request.</summary>
internal sealed class FormCookie : CookieBuilder
{
    private const string Key = "halley-form";
    private readonly InstallationCookies _names;
    private readonly IHttpContextAccessor _requests;

    public FormCookie(InstallationCookies names, IHttpContextAccessor requests)
    {
        (_names, _requests) = (names, requests);
        (HttpOnly, IsEssential, Path) = (true, true, "/");
        (SameSite, SecurePolicy) = (SameSiteMode.Strict, CookieSecurePolicy.SameAsRequest);
    }

    public override string? Name
    {
        get => _requests.HttpContext is { } context ? _names.NameFor(context, Key) : Key;
        set => throw new NotSupportedException("The name depends on the request.");
    }
}
