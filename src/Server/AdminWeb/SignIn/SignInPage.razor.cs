using Halley.Server.Administrators;
using Microsoft.AspNetCore.Components;

namespace Halley.Server.AdminWeb.SignIn;

public sealed partial class SignInPage
{
    public const string Path = AdministratorCookie.LoginPath;
    public const string SignedOutPath = Path + "?done=signed-out";
    private string? _problem;
    private bool _isNotSetUp;

    [SupplyParameterFromQuery(Name = "ReturnUrl")]
    private string? ReturnUrl { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    private string? Done { get; set; }

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
    private FirstAdministrator FirstAdministrator { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private string? Notice => Done switch
    {
        "signed-out" => "You are signed out.",
        _ => null,
    };

    public static string PathFor(string? returnUrl) =>
        PageSession.LocalPath(returnUrl) is var path && path == "/" ? Path : $"{Path}?ReturnUrl={Uri.EscapeDataString(path)}";

    protected override async Task OnInitializedAsync()
    {
        _isNotSetUp = await FirstAdministrator.IsNeededAsync(Context.RequestAborted);
        if (HttpMethods.IsGet(Context.Request.Method) && AdministratorIdentity.From(Context.User) is not null)
        {
            Navigation.NavigateTo(PageSession.LocalPath(ReturnUrl));
        }
    }

    private async Task SubmitAsync()
    {
        var signIn = await Access.SignInWithPasswordAsync(
            Username?.Trim() ?? "", Password ?? "", Context.Connection.RemoteIpAddress, Context.RequestAborted);
        if (signIn.Administrator is { } administrator)
        {
            await PageSession.StartAsync(Context, administrator, Time.GetUtcNow());
            Navigation.NavigateTo(PageSession.LocalPath(ReturnUrl));
            return;
        }

        // One text for an unknown name, a wrong password and a locked account: who tries shall not learn which it was.
        _problem = signIn.Result == SignInResult.Busy
            ? "The server is checking many passwords at the moment. Try again in a few seconds."
            : "Name or password is wrong, or there were too many wrong tries. Check them, or wait five minutes.";
    }
}
