using Halley.Protocol;
using Halley.Server.Administrators;
using Halley.Server.AdminWeb.Browser;
using Microsoft.AspNetCore.Components;

namespace Halley.Server.AdminWeb.SignIn;

public sealed partial class SetUpPage
{
    // The token is removed from the address at once, so that no history or screenshot contains it. The cookie returns it to this page only.
    private const string TokenCookie = "halley-setup";
    private string? _problem;
    private bool _isDone;
    private bool _isTokenGiven;
    private bool _isTokenRight;

    [SupplyParameterFromQuery(Name = "token")]
    private string? LinkToken { get; set; }

    [SupplyParameterFromForm(Name = "token", FormName = "set-up")]
    private string? TypedToken { get; set; }

    [SupplyParameterFromForm(Name = "username", FormName = "set-up")]
    private string? Username { get; set; }

    [SupplyParameterFromForm(Name = "password", FormName = "set-up")]
    private string? Password { get; set; }

    [SupplyParameterFromForm(Name = "repetition", FormName = "set-up")]
    private string? Repetition { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private FirstAdministrator First { get; set; } = default!;

    [Inject]
    private SetupToken SetupToken { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private string? Token => string.IsNullOrWhiteSpace(TypedToken) ? Context.Request.Cookies[TokenCookie] : TypedToken.Trim();

    protected override async Task OnInitializedAsync()
    {
        _isDone = !await First.IsNeededAsync(Context.RequestAborted);
        if (_isDone)
        {
            Context.Response.Cookies.Delete(TokenCookie, CookieOptions());
        }
        else if (HttpMethods.IsGet(Context.Request.Method) && !string.IsNullOrEmpty(LinkToken))
        {
            Context.Response.Cookies.Append(TokenCookie, LinkToken.Trim(), CookieOptions());
            Navigation.NavigateTo(PageLink.To(Routes.Setup));
        }

        _isTokenGiven = !string.IsNullOrEmpty(Token);
        _isTokenRight = SetupToken.Matches(Token);
    }

    private async Task SubmitAsync()
    {
        if (Password != Repetition)
        {
            _problem = "The two passwords differ. Type the same one twice.";
            return;
        }

        var setUp = await First.CreateAsync(Token, Username?.Trim() ?? "", Password ?? "", Context.RequestAborted);
        if (setUp.TryGet(out var administrator, out var refusal))
        {
            Context.Response.Cookies.Delete(TokenCookie, CookieOptions());
            await PageSession.StartAsync(Context, administrator, Time.GetUtcNow());
            Navigation.NavigateTo(PageLink.To("/"));
            return;
        }

        switch (refusal.Code)
        {
            case FirstAdministrator.AlreadySetUp:
                _isDone = true;
                break;
            case FirstAdministrator.WrongToken:
                (_isTokenGiven, _isTokenRight) = (true, false);
                break;
            default:
                _problem = refusal.Reason;
                break;
        }
    }

    private CookieOptions CookieOptions() => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = Context.Request.IsHttps,
        Path = Routes.Setup,
        MaxAge = TimeSpan.FromHours(1),
    };
}
