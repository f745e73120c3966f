using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.AdminWeb.Browser;
using Halley.Server.AdminWeb.Security;
using Halley.Server.Credentials;
using Microsoft.AspNetCore.Components;

namespace Halley.Server.AdminWeb.SignIn;

public sealed partial class SignInPage
{
    public const string Path = AdministratorCookie.LoginPath;
    public const string PasskeyRefusedPath = Path + "?done=passkey";
    public const string SessionRefusedPath = Path + "?done=session";
    public const string SignedOutPath = Path + "?done=signed-out";
    private const string CodeForm = "sign-in-code";
    private string? _problem;
    private bool _isHalfway;
    private bool _isNotSetUp;

    [SupplyParameterFromQuery(Name = "ReturnUrl")]
    private string? ReturnUrl { get; set; }

    private string Target => PageSession.LocalPath(ReturnUrl, Context.Request.PathBase);

    [SupplyParameterFromQuery(Name = "done")]
    private string? Done { get; set; }

    [SupplyParameterFromQuery(Name = "again")]
    private string? Again { get; set; }

    [SupplyParameterFromForm(Name = "code", FormName = CodeForm)]
    private string? Code { get; set; }

    [SupplyParameterFromForm(Name = "username", FormName = "sign-in")]
    private string? Username { get; set; }

    [SupplyParameterFromForm(Name = "password", FormName = "sign-in")]
    private string? Password { get; set; }

    [CascadingParameter]
    private HttpContext Context { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private AdministratorAccess Access { get; set; } = default!;

    [Inject]
    private AdministratorSessions Sessions { get; set; } = default!;

    [Inject]
    private FirstAdministrator FirstAdministrator { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [Inject]
    private SessionSignInOptions SessionSignInOptions { get; set; } = default!;

    private string[] Origins => SessionSignInOptions.Origins;

    private string? Notice => Done switch
    {
        "signed-out" => "You are signed out.",
        "passkey" => "This passkey is not known here, or the answer came too late. Try again, or sign in with your password.",
        "session" => "The session that the other site handed over is not valid here. Sign in with your password.",
        _ => null,
    };

    public static string PathFor(string? returnUrl) =>
        PageSession.LocalPath(returnUrl, "") is var path && path == "/" ? Path : $"{Path}?ReturnUrl={Uri.EscapeDataString(path)}";

    protected override async Task OnInitializedAsync()
    {
        _isNotSetUp = await FirstAdministrator.IsNeededAsync(Context.RequestAborted);
        if (HttpMethods.IsGet(Context.Request.Method) && Caller.TryOf(Context.User) is not null)
        {
            Navigation.NavigateTo(PageLink.To(Target));
        }

        if (Again is not null)
        {
            HalfSession.Forget(Context);
            return;
        }

        // Blazor finds the handler of a posted form only if the form is rendered again.
        _isHalfway = HttpMethods.IsPost(Context.Request.Method)
            ? Context.Request.Form["_handler"] == CodeForm
            : HalfSession.KeyOf(Context) is { } key && await Sessions.FindPendingAsync(key, Context.RequestAborted) is not null;
    }

    private async Task SubmitAsync()
    {
        var attempt = new SignInAttempt(Username?.Trim() ?? "", Password ?? "");
        var signIn = await Access.SignInAsync(attempt, Context.Connection.RemoteIpAddress, Context.RequestAborted);
        switch (signIn.Result)
        {
            case SignInResult.SignedIn:
                await EnterAsync(signIn.Administrator!);
                break;
            case SignInResult.CodeMissing or SignInResult.PasskeyMissing:
                HalfSession.Remember(
                    Context,
                    await Sessions.StartPendingAsync(signIn.HalfSignedIn!.Value, SessionOrigin.Of(Context), Context.RequestAborted));
                _isHalfway = true;
                break;
            default:
                // The same text for an unknown name, a wrong password and a locked account, so that an attacker learns nothing.
                _problem = signIn.Result == SignInResult.Busy
                    ? "The server is checking many passwords at the moment. Try again in a few seconds."
                    : "Name or password is wrong, or there were too many wrong tries. Check them, or wait five minutes.";
                break;
        }
    }

    private async Task SubmitCodeAsync()
    {
        if (HalfSession.KeyOf(Context) is not { } key
            || await Sessions.FindPendingAsync(key, Context.RequestAborted) is not { } halfSignedIn)
        {
            _isHalfway = false;
            _problem = "That took more than five minutes. Sign in again.";
            return;
        }

        var signIn = await Access.CompleteAsync(halfSignedIn, Code ?? "", Context.Connection.RemoteIpAddress, Context.RequestAborted);
        if (signIn.Administrator is not { } administrator)
        {
            _problem = "The code is wrong or was used already, or there were too many wrong tries. "
                + "Wait for the next code, or five minutes.";
            return;
        }

        await Sessions.EndPendingAsync(key, Context.RequestAborted);
        HalfSession.Forget(Context);
        await EnterAsync(administrator);
    }

    private async Task EnterAsync(Administrator administrator)
    {
        await Sessions.RecordSignInAsync(administrator.Id, Context.RequestAborted);
        await PageSession.StartAsync(Context, administrator, Time.GetUtcNow());
        Navigation.NavigateTo(PageLink.To(Target));
    }
}
