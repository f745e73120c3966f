using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AdminWeb.Browser;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.AuthRole.VaultRequests;

namespace Halley.Server.AdminWeb.Accounts;

/// <summary>How an administrator gives an account a vault on a page.</summary>
internal sealed class VaultAdding(VaultTemplateActions templates, VaultRequestActions vaults, PublicAddress address)
{
    /// <summary>The choice of a bucket on this server before there is a template for it.</summary>
    public const string ThisServer = "this-server";

    /// <summary>Where a vault of an account can be made: ids and names; none without the right to request vaults.</summary>
    public IReadOnlyList<(string Id, string Name)> ChoicesOf(Caller caller, string organizationId)
    {
        if (caller.Lacks(Requires.RequestStorageVault) is not null)
        {
            return [];
        }

        var known = templates.List(caller, organizationId)
            .Select(template => (template.Id, template.Description.Length > 0 ? template.Description : template.Id));
        return templates.CanOfferThisServer(caller, organizationId)
            ? [.. known, (ThisServer, "A bucket on this server")]
            : [.. known];
    }

    /// <summary>Makes the vault. Returns why it was not made, or null.</summary>
    public async Task<Refusal?> AddAsync(Caller caller, string username, string choice, CancellationToken cancellationToken)
    {
        if (choice == ThisServer)
        {
            if (!(await templates.OfferThisServerAsync(caller, cancellationToken)).TryGet(out var offered, out var refusal))
            {
                return refusal;
            }

            choice = offered.Id;
        }

        var request = new RequestVault(choice, address.Base.AbsoluteUri);
        return (await vaults.RequestAsync(new AccountCaller(caller, username), request, requiredHash: null, cancellationToken)).Refusal;
    }
}
