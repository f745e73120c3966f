using System.Security.Cryptography;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AdminWeb.Security;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.AuthRole.UserPolicies;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Components;

namespace Halley.Server.AdminWeb.Accounts;

public sealed partial class AddAccountPage
{
    private const int GroupsOfPassword = 5;
    private const int LettersOfGroup = 4;

    // Without letters that look like others: people copy passwords by hand.
    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";

    private static readonly (bool IsGenerated, string Word, string Text)[] PasswordChoices =
    [
        (true, "Generate one", "It is shown once, after the user has been added."),
        (false, "Type one", "The user may change it later."),
    ];

    private IReadOnlyList<(string Id, string Name)> _organizations = [];
    private IReadOnlyList<StoredPolicy> _policies = [];
    private IReadOnlyList<(string Id, string Name)> _vaults = [];
    private string _username = "";
    private string _name = "";
    private string _password = "";
    private string _organization = "";
    private string _policy = "";
    private string _vault = "";
    private string? _problem;
    private string? _vaultProblem;
    private string? _added;
    private bool _isGenerated = true;
    private bool _isBusy;

    [Inject]
    private AccountActions Accounts { get; set; } = default!;

    [Inject]
    private ProfileActions Profiles { get; set; } = default!;

    [Inject]
    private PolicyActions UserPolicies { get; set; } = default!;

    [Inject]
    private VaultAdding Vaults { get; set; } = default!;

    [Inject]
    private OrganizationCache Organizations { get; set; } = default!;

    [Inject]
    private PageAdministrator Administrator { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        var caller = await Administrator.CallerAsync();
        _organization = caller.OrganizationId;
        _organizations = caller.IsTopLevel
            ? [.. Organizations.All.Values.Select(one => (one.Id, one.Name))
                .OrderBy(one => one.Name, StringComparer.CurrentCultureIgnoreCase)]
            : [];
        await ReadChoicesAsync();
    }

    private static string NewPassword() => string.Join('-', Enumerable.Range(0, GroupsOfPassword)
        .Select(_ => RandomNumberGenerator.GetString(Letters, LettersOfGroup)));

    private Task ChooseOrganizationAsync(ChangeEventArgs choice)
    {
        _organization = choice.Value?.ToString() ?? "";
        return ReadChoicesAsync();
    }

    private async Task ReadChoicesAsync()
    {
        var caller = await Administrator.CallerAsync();
        _policies = await UserPolicies.ListAsync(caller, _organization, CancellationToken.None);
        _vaults = Vaults.ChoicesOf(caller, _organization);
        _policy = "";
        _vault = _vaults.Count > 0 ? _vaults[0].Id : "";
    }

    private async Task AddAsync()
    {
        if (_isBusy)
        {
            return;
        }

        _isBusy = true;
        var caller = await Administrator.CallerAsync();
        _password = _isGenerated ? NewPassword() : _password;
        var request = new CreateAccount(
            _username.Trim(), _password, OrganizationId: _organization, AccountName: _name.Trim(), PolicyId: _policy);
        var outcome = await Accounts.CreateAsync(caller, request, CancellationToken.None);
        if (outcome.TryGet(out var stored, out var refusal))
        {
            await AddVaultAsync(caller, request.Username);
            _added = stored.Account.Username;
        }

        _isBusy = false;
        _problem = refusal?.Reason;
    }

    // The policy may have given the account its vault already.
    private async Task AddVaultAsync(Caller caller, string username)
    {
        if (_vault.Length > 0
            && (await Profiles.FindAsync(new AccountCaller(caller, username), CancellationToken.None)).TryGet(out var stored, out _)
            && stored.Profile.Destinations.Count == 0)
        {
            _vaultProblem = (await Vaults.AddAsync(caller, username, _vault, CancellationToken.None))?.Reason;
        }
    }
}
