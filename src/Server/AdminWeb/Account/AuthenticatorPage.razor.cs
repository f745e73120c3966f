using Halley.Server.Administrators;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.Credentials;
using Microsoft.AspNetCore.Components;

namespace Halley.Server.AdminWeb.Account;

/// <summary>Turns the authenticator app on and off. Without a circuit: secrets are in one answer and nowhere else.</summary>
public sealed partial class AuthenticatorPage
{
    internal const string Path = "/account/authenticator";
    private const string PasswordForm = "password";
    private const string ProofForm = "prove";
    private string? _problem;
    private IReadOnlyList<string>? _codes;
    private TotpSetUp? _setUp;
    private bool _isOn;
    private bool _isProving;
    private int _left;

    [CascadingParameter]
    private HttpContext Context { get; set; } = default!;

    [SupplyParameterFromForm(Name = "password", FormName = PasswordForm)]
    private string? Password { get; set; }

    [SupplyParameterFromForm(Name = "wish", FormName = PasswordForm)]
    private string? Wish { get; set; }

    [SupplyParameterFromForm(Name = "code", FormName = ProofForm)]
    private string? Code { get; set; }

    [Inject]
    private AdministratorAccess Access { get; set; } = default!;

    [Inject]
    private AdministratorChanges Administrators { get; set; } = default!;

    [Inject]
    private AuthenticatorCodes Codes { get; set; } = default!;

    private AdministratorIdentity Caller => AdministratorIdentity.From(Context.User)!;

    protected override async Task OnInitializedAsync()
    {
        _isOn = (await Administrators.FindAsync(Caller.Id, Context.RequestAborted))?.NeedsTotp == true;
        _left = await Codes.CountRecoveryCodesAsync(Caller.Id, Context.RequestAborted);
        // The form that was sent must be on the page again for its handler to be found.
        _isProving = HttpMethods.IsPost(Context.Request.Method) && Context.Request.Form["_handler"] == ProofForm;
    }

    private async Task ConfirmAsync()
    {
        var check = await Access.CheckPasswordAsync(Caller.Username, Password ?? "", Context.Connection.RemoteIpAddress, Context.RequestAborted);
        if (check.Administrator is null)
        {
            _problem = "The password is wrong, or there were too many wrong tries. Check it, or wait five minutes.";
            return;
        }

        switch (Wish)
        {
            case "on" when !_isOn:
                _setUp = await Codes.RenewTotpAsync(Caller.Id, Context.RequestAborted);
                _isProving = true;
                break;
            case "codes" when _isOn:
                _codes = await Codes.RenewRecoveryCodesAsync(Caller.Id, Context.RequestAborted);
                break;
            case "off" when _isOn:
                await Codes.TurnOffTotpAsync(Caller.Id, Context.RequestAborted);
                _isOn = false;
                break;
            default:
                break;
        }
    }

    private async Task ProveAsync()
    {
        _codes = await Codes.TurnOnTotpAsync(Caller.Id, Code ?? "", Context.RequestAborted);
        _isOn = _codes is not null;
        _problem = _isOn ? null : "This is not the code that the app shows now. Wait for the next one and try again.";
    }
}
