using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Organizations;
using Halley.Server.Settings;

namespace Halley.Server.AuthRole.VaultRequests;

/// <summary>
/// The templates by which vaults are made on request: those of the top level are in the settings, those of a tenant in its document.
/// </summary>
internal sealed class VaultTemplates(ServerSettings settings, OrganizationDirectory directory, OrganizationRegistry registry, ProfileStore profiles)
{
    /// <summary>The address of a template that means this server.</summary>
    public const string Self = "$self$";

    public const string Comet = "comet";
    public const string Custom = "custom";
    private const int MostTemplates = 1000;
    private const string Unchanged = "unchanged";

    /// <summary>The templates of one tenant; of the top level when the id is empty.</summary>
    public IReadOnlyList<RemoteStorageOption> Of(string organizationId) => organizationId.Length == 0
        ? settings.Current.AuthenticationRole.RemoteStorage
        : directory.Find(organizationId)?.Document.RemoteStorage ?? [];

    public RemoteStorageOption? Find(string organizationId, string templateId) => Of(organizationId).FirstOrDefault(template => template.ID == templateId);

    /// <summary>
    /// Replaces the list. Accounts whose automatic vault came from a template that is no more get the replacement. Returns why the list
    /// cannot be stored, or null.
    /// </summary>
    public async Task<string?> ReplaceAsync(
        string organizationId, List<RemoteStorageOption> templates, string replacementId, string actor, CancellationToken cancellationToken)
    {
        if (Check(templates) is { } refusal)
        {
            return refusal;
        }

        if (replacementId.Length > 0 && templates.All(template => template.ID != replacementId))
        {
            return "ReplacementAutoVaultID must be the ID of one of the templates.";
        }

        var before = Of(organizationId).Select(template => template.ID).ToHashSet();
        refusal = organizationId.Length == 0
            ? await settings.ChangeAsync(
                options =>
                {
                    options.AuthenticationRole.RemoteStorage = templates;
                    return null;
                },
                cancellationToken)
            : (await registry.ChangeAsync(
                organizationId,
                actor,
                document =>
                {
                    document.RemoteStorage = templates;
                    return document;
                },
                cancellationToken)).Reason;
        before.ExceptWith(templates.Select(template => template.ID));
        if (refusal is null && replacementId.Length > 0 && before.Count > 0)
        {
            await RepointAsync(organizationId, before, replacementId, actor, cancellationToken);
        }

        return refusal;
    }

    /// <summary>Makes the templates complete, and says what is wrong with them; null when nothing is.</summary>
    public static string? Check(List<RemoteStorageOption> templates)
    {
        foreach (var template in templates)
        {
            template.ID = template.ID.Length == 0 ? Guid.NewGuid().ToString() : template.ID;
            if (CheckOne(template) is { } wrong)
            {
                return $"The template {(template.Description.Length == 0 ? template.ID : template.Description)} {wrong}";
            }
        }

        return templates.Count > MostTemplates || templates.DistinctBy(template => template.ID).Count() < templates.Count
            ? $"Each template needs an ID of its own, and there may be {MostTemplates} of them."
            : null;
    }

    public static string? CheckOne(RemoteStorageOption template) => template switch
    {
        { StorageLimitEnabled: true, StorageLimitBytes: < 0 } => "has a storage limit below zero.",
        { Type: Comet, RemoteAddress: Self } => null,
        { Type: Comet } when SelfAddress.Normalize(template.RemoteAddress) is null =>
            $"needs the address of a server as RemoteAddress, or {Self} for this one.",
        { Type: Comet, Username: "" } or { Type: Comet, Password: "" } => "needs name and password of an administrator of the other server.",
        { Type: Comet } => null,
        { Type: Custom } when template.Custom is null || SelfAddress.Normalize(template.Custom.URL.Split('?')[0]) is null =>
            "needs an http or https address as Custom.URL.",
        { Type: Custom } when template.Custom!.CustomBodyType is not ("" or "none" or "form" or "json" or "urlencoded") =>
            "has a CustomBodyType that is none of none, form, json and urlencoded.",
        { Type: Custom } => null,
        _ => $"is of type '{template.Type}'; this server makes vaults of the types {Comet} and {Custom}.",
    };

    private async Task RepointAsync(
        string organizationId, HashSet<string> gone, string replacementId, string actor, CancellationToken cancellationToken)
    {
        var scope = TenantScope.Of(organizationId);
        await foreach (var stored in profiles.ListAsync(scope, cancellationToken))
        {
            if (gone.Contains(stored.Profile.AutoStorageTemplateGUID))
            {
                await profiles.ChangeAsync(
                    stored.Account.Username,
                    scope,
                    requiredHash: null,
                    actor,
                    profile =>
                    {
                        if (!gone.Contains(profile.AutoStorageTemplateGUID))
                        {
                            return Unchanged;
                        }

                        profile.AutoStorageTemplateGUID = replacementId;
                        return null;
                    },
                    cancellationToken);
            }
        }
    }
}
