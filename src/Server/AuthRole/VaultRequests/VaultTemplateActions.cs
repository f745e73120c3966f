using Halley.Protocol;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Organizations;
using Halley.Server.Settings;

namespace Halley.Server.AuthRole.VaultRequests;

/// <summary>Administrators' operations on the templates of their organization: list, replace, test.</summary>
internal sealed class VaultTemplateActions(
    VaultTemplates templates, IEnumerable<VaultProvider> providers, ServerSettings settings, OrganizationActions organizations,
    ProfileStore profiles)
{
    /// <summary>
    /// The templates of an organization, the caller's own by default, without credentials; none outside of the caller's scope.
    /// </summary>
    public IEnumerable<VaultTemplateInfo> List(Caller caller, string? organizationId)
    {
        var organization = string.IsNullOrEmpty(organizationId) ? caller.OrganizationId : organizationId;
        return caller.Scope.Contains(organization) ? templates.Of(organization).Select(ToWire) : [];
    }

    /// <summary>The templates from which a user may request vaults.</summary>
    public IEnumerable<VaultTemplateInfo> List(AccountIdentity user) => templates.Of(user.OrganizationId).Select(ToWire);

    /// <summary>The templates of the caller's own organization as they are stored.</summary>
    public IReadOnlyList<RemoteStorageOption> ListWithCredentials(Caller caller) => templates.Of(caller.OrganizationId);

    /// <summary>
    /// Replaces the templates of the caller's organization. Accounts whose automatic vault came from a template that is no longer in the
    /// list get the replacement.
    /// </summary>
    public async Task<Refusal?> ReplaceAsync(
        Caller caller, List<RemoteStorageOption> list, string replacementId, CancellationToken cancellationToken)
    {
        if (caller.Lacks(Requires.EditRemoteStorage) is { } missing)
        {
            return missing;
        }

        if (VaultTemplates.Check(list) is { } problem)
        {
            return Invalid(problem);
        }

        if (replacementId.Length > 0 && list.All(template => template.ID != replacementId))
        {
            return Invalid("ReplacementAutoVaultID must be the ID of one of the templates.");
        }

        var removed = templates.Of(caller.OrganizationId).Select(template => template.ID).ToHashSet();
        removed.ExceptWith(list.Select(template => template.ID));
        if (await ChangeAsync(caller, _ => list, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (replacementId.Length > 0 && removed.Count > 0)
        {
            await RepointAsync(caller, removed, replacementId, cancellationToken);
        }

        return null;
    }

    /// <summary>
    /// Whether the caller can add a template for buckets on this server to an organization: its own, which has none yet.
    /// </summary>
    public bool CanOfferThisServer(Caller caller, string organizationId) =>
        organizationId == caller.OrganizationId && caller.Lacks(Requires.EditRemoteStorage) is null
        && !templates.Of(organizationId).Any(IsThisServer);

    /// <summary>The caller's organization's template for buckets on this server, which is added if there is none.</summary>
    public async Task<Outcome<VaultTemplateInfo>> OfferThisServerAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Lacks(Requires.EditRemoteStorage) is { } missing)
        {
            return missing;
        }

        var refusal = await ChangeAsync(
            caller,
            list => list.Exists(IsThisServer) ? list : [.. list, new RemoteStorageOption
            {
                ID = Guid.NewGuid().ToString(),
                Type = VaultTemplates.Comet,
                Description = "This server",
                RemoteAddress = VaultTemplates.Self,
                Default = list.Count == 0,
            }],
            cancellationToken);
        return refusal is null ? ToWire(templates.Of(caller.OrganizationId).First(IsThisServer)) : refusal;
    }

    /// <summary>Checks a template, and whether the server behind it responds.</summary>
    public async Task<Refusal?> TestAsync(Caller caller, RemoteStorageOption template, CancellationToken cancellationToken)
    {
        if (caller.Lacks(Requires.EditRemoteStorage) is { } missing)
        {
            return missing;
        }

        if (VaultTemplates.CheckOne(template) is { } problem)
        {
            return Invalid($"The template {problem}");
        }

        return await providers.First(provider => provider.Serves(template)).TestAsync(template, caller.OrganizationId, cancellationToken)
            is { } failure ? Invalid(failure) : null;
    }

    private Task<Refusal?> ChangeAsync(
        Caller caller, Func<List<RemoteStorageOption>, List<RemoteStorageOption>> edit, CancellationToken cancellationToken) =>
        caller.OrganizationId.Length == 0
            ? settings.ChangeAsync(
                options => options.AuthenticationRole.RemoteStorage = edit(options.AuthenticationRole.RemoteStorage), cancellationToken,
                caller.Name)
            : organizations.ChangeOwnAsync(
                caller, document => document.RemoteStorage = edit(document.RemoteStorage), cancellationToken);

    private async Task RepointAsync(Caller caller, HashSet<string> removed, string replacementId, CancellationToken cancellationToken)
    {
        var scope = TenantScope.Of(caller.OrganizationId);
        await foreach (var stored in profiles.ListAsync(scope, cancellationToken))
        {
            if (removed.Contains(stored.Profile.AutoStorageTemplateGUID))
            {
                await profiles.ChangeAsync(
                    stored.Account.Username,
                    scope,
                    caller.Name,
                    profile =>
                    {
                        if (!removed.Contains(profile.AutoStorageTemplateGUID))
                        {
                            return AccountRefusals.Unchanged;
                        }

                        profile.AutoStorageTemplateGUID = replacementId;
                        return null;
                    },
                    cancellationToken);
            }
        }
    }

    private static bool IsThisServer(RemoteStorageOption template) => template.RemoteAddress == VaultTemplates.Self;

    private static VaultTemplateInfo ToWire(RemoteStorageOption template) => new(
        template.ID, template.Description, template.Type, IsThisServer(template),
        template.StorageLimitEnabled ? template.StorageLimitBytes : null);

    private static Refusal Invalid(string reason) => Refusal.Invalid("vault_template_invalid", reason);
}
