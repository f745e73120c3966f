using Halley.Protocol;
using Halley.Server.Administrators;
using Microsoft.AspNetCore.Components;

namespace Halley.Server.AdminWeb.SignIn;

public sealed partial class SetUpPage
{
    // The token leaves the address at once, so that it is in no history and no screenshot; this page alone gets it back.
    private const string TokenCookie = "halley-setup";
    private IReadOnlyList<string> _problems = [];
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
    private FirstAdministrator FirstAdministrator { get; set; } = default!;

    [Inject]
    private SetupToken SetupToken { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private string? Token => string.IsNullOrWhiteSpace(TypedToken) ? Context.Request.Cookies[TokenCookie] : TypedToken.Trim();

    protected override async Task OnInitializedAsync()
    {
        _isDone = !await FirstAdministrator.IsNeededAsync(Context.RequestAborted);
        if (_isDone)
        {
            Context.Response.Cookies.Delete(TokenCookie, CookieOptions());
        }
        else if (HttpMethods.IsGet(Context.Request.Method) && !string.IsNullOrEmpty(LinkToken))
        {
            Context.Response.Cookies.Append(TokenCookie, LinkToken.Trim(), CookieOptions());
            Navigation.NavigateTo(Routes.Setup);
        }

        _isTokenGiven = !string.IsNullOrEmpty(Token);
        _isTokenRight = SetupToken.Matches(Token);
    }

    private async Task SubmitAsync()
    {
        if (Password != Repetition)
        {
            _problems = ["The two passwords are not the same."];
            return;
        }

        var setUp = await FirstAdministrator.CreateAsync(Token, Username?.Trim() ?? "", Password ?? "", Context.RequestAborted);
        switch (setUp.Result)
        {
            case SetUpResult.Created:
                Context.Response.Cookies.Delete(TokenCookie, CookieOptions());
                await PageSession.StartAsync(Context, setUp.Administrator!, Time.GetUtcNow());
                Navigation.NavigateTo("/");
                break;
            case SetUpResult.AlreadySetUp:
                _isDone = true;
                break;
            case SetUpResult.WrongToken:
                _isTokenGiven = true;
                _isTokenRight = false;
                break;
            default:
                _problems = setUp.Reasons;
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
