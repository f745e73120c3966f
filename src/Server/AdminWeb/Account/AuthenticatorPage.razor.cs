using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.Credentials;
using Microsoft.AspNetCore.Components;

namespace Halley.Server.AdminWeb.Account;

/// <summary>Turns the authenticator app on and off. The page has no circuit, so secrets exist in one response and nowhere else.</summary>
public sealed partial class AuthenticatorPage
{
    internal const string Path = "/account/authenticator";
    private const string PasswordForm = "password";
    private const string ProofForm = "prove";
    private readonly int _all = AuthenticatorCodes<Administrator>.RecoveryCodes;
    private string? _problem;
    private RecoveryCodesCreated? _codes;
    private TotpSetUp? _setUp;
    private bool _isOn;
    private bool _isProving;
    private int _left;

    [CascadingParameter]
    private HttpContext Context { get; set; } = default!;

    [SupplyParameterFromForm(Name = "password", FormName = PasswordForm)]
    private string? Password { get; set; }

    [SupplyParameterFromForm(Name = "request", FormName = PasswordForm)]
    private string? Request { get; set; }

    [SupplyParameterFromForm(Name = "code", FormName = ProofForm)]
    private string? Code { get; set; }

    [Inject]
    private OwnAccountActions Account { get; set; } = default!;

    [Inject]
    private AdministratorStore Administrators { get; set; } = default!;

    [Inject]
    private AuthenticatorCodes<Administrator> Codes { get; set; } = default!;

    private Caller Caller => Caller.Of(Context.User, Context.Connection.RemoteIpAddress);

    protected override async Task OnInitializedAsync()
    {
        _isOn = (await Administrators.FindAsync(Caller.Id, Context.RequestAborted))?.NeedsTotp == true;
        _left = await Codes.CountRecoveryCodesAsync(Caller.Id, Context.RequestAborted);
        // Blazor finds the handler of a posted form only if the form is rendered again.
        _isProving = HttpMethods.IsPost(Context.Request.Method) && Context.Request.Form["_handler"] == ProofForm;
    }

    private async Task ConfirmAsync()
    {
        var password = Password ?? "";
        switch (Request)
        {
            case "on" when !_isOn:
                _isProving = Take(await Account.RenewTotpAsync(Caller, password, Context.RequestAborted), out _setUp);
                break;
            case "codes" when _isOn:
                Take(await Account.RenewRecoveryCodesAsync(Caller, password, Context.RequestAborted), out _codes);
                break;
            case "off" when _isOn:
                _problem = (await Account.TurnOffTotpAsync(Caller, password, Context.RequestAborted))?.Reason;
                _isOn = _problem is not null;
                break;
            default:
                break;
        }
    }

    private async Task ProveAsync() => _isOn = Take(await Account.TurnOnTotpAsync(Caller, Code ?? "", Context.RequestAborted), out _codes);

    private bool Take<T>(Outcome<T> outcome, out T? value)
        where T : notnull
    {
        var isDone = outcome.TryGet(out value, out var refusal);
        _problem = refusal?.Reason;
        return isDone;
    }
}
