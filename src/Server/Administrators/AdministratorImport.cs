using Halley.Protocol;
using Halley.Protocol.Administrators;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.Credentials;

namespace Halley.Server.Administrators;

/// <summary>
/// Applies the administrators of the vendor's configuration document: permissions, organization and a new password of known ones, and new
/// ones. A password is there in clear, or as a hash that this server can check. Nobody is deleted by leaving a name out.
/// </summary>
internal sealed class AdministratorImport(AdministratorActions administrators, AdministratorStore store)
{
    private const int ClearText = 0;

    /// <summary>Returns a sentence for each thing that stays as it is.</summary>
    public async Task<IReadOnlyList<string>> ApplyAsync(
        Caller caller, IReadOnlyCollection<AllowedAdminUser> wanted, CancellationToken cancellationToken)
    {
        var left = new List<string>();
        var known = (await store.ListAsync(after: null, int.MaxValue, cancellationToken))
            .ToDictionary(administrator => administrator.UserName!, StringComparer.OrdinalIgnoreCase);
        var byName = wanted.GroupBy(user => user.Username, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(users => users.Key, users => users.Last(), StringComparer.OrdinalIgnoreCase);
        foreach (var (name, user) in byName)
        {
            if (await ApplyAsync(caller, known.GetValueOrDefault(name), user, cancellationToken) is { } reason)
            {
                left.Add($"AdminUsers {name}: {reason}");
            }
        }

        left.AddRange(known.Keys.Where(name => !byName.ContainsKey(name)).Order(StringComparer.Ordinal)
            .Select(name => $"AdminUsers {name}: not in the document, and not deleted; delete it with admin-user/delete."));
        return left;
    }

    private async Task<string?> ApplyAsync(
        Caller caller, Administrator? administrator, AllowedAdminUser wanted, CancellationToken cancellationToken)
    {
        var password = wanted is { PasswordFormat: ClearText, Password: not ("" or OwnAccountActions.Masked) } ? wanted.Password : null;
        var hash = password is null && wanted.Password is not ("" or OwnAccountActions.Masked) ? wanted.Password : null;
        if (hash is not null && CredentialHasher.ProblemWith(wanted.PasswordFormat, hash) is { } problem)
        {
            return $"{problem} {(administrator is null ? "Make it with admin-user/new." : "It stays as it is.")}";
        }

        if (administrator is null)
        {
            return password is null && hash is null
                ? "it has no password here; make it with admin-user/new."
                : (await administrators.CreateAsync(
                    caller, new CreateAdministrator(wanted.Username, password ?? "", wanted.OrganizationID, wanted.Permissions),
                    cancellationToken, hash)).Refusal?.Reason;
        }

        var now = AdministratorWire.Of(administrator);
        var changes = new UpdateAdministrator(
            wanted.OrganizationID == now.OrganizationID ? null : wanted.OrganizationID,
            CometJson.AreEqual(wanted.Permissions, now.Permissions) ? null : wanted.Permissions,
            password);
        hash = hash == administrator.PasswordHash ? null : hash;
        if ((changes != new UpdateAdministrator() || hash is not null)
            && (await administrators.UpdateAsync(caller, administrator.Id, changes, cancellationToken, hash)).Refusal is { } refusal)
        {
            return refusal.Reason;
        }

        var rest = CometJson.Copy(wanted);
        (rest.Username, rest.OrganizationID, rest.Permissions) = (now.Username, now.OrganizationID, now.Permissions);
        (rest.PasswordFormat, rest.Password) = (now.PasswordFormat, now.Password);
        return CometJson.AreEqual(rest, now) ? null : "how it signs in stays as it is; it changes that itself with account/set-properties.";
    }
}
