using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.Organizations;
using Halley.Server.Settings;

namespace Halley.Server.AuthRole.VaultRequests;

/// <summary>
/// The templates for vaults on request. Those of the top level are in the settings, those of an organization in its document.
/// </summary>
internal sealed class VaultTemplates(ServerSettings settings, OrganizationCache organizations)
{
    /// <summary>The address of a template that means this server.</summary>
    public const string Self = "$self$";

    public const string Comet = "comet";
    public const string Custom = "custom";
    private const int MostTemplates = 1000;

    // The modes of DefaultNewStorageVault that are no template.
    private const string ServerDecides = "server_controlled";
    private const string UserDecides = "user_controlled";
    private const string NoNewVault = "none";

    /// <summary>The templates of one organization; of the top level when the id is empty.</summary>
    public IReadOnlyList<RemoteStorageOption> Of(string organizationId) => organizationId.Length == 0
        ? settings.Current.AuthenticationRole.RemoteStorage
        : organizations.Find(organizationId)?.Document.RemoteStorage ?? [];

    public RemoteStorageOption? Find(string organizationId, string templateId) =>
        Of(organizationId).FirstOrDefault(template => template.ID == templateId);

    /// <summary>The id of the template by which a new account gets its vault; empty for none.</summary>
    public string ForNew(string organizationId, UserProfileConfig profile) => profile.Policy.DefaultNewStorageVault switch
    {
        NoNewVault => "",
        ServerDecides => Of(organizationId).FirstOrDefault(template => template.Default)?.ID ?? "",
        UserDecides => profile.AutoStorageTemplateGUID,
        var template => profile.AutoStorageTemplateGUID is { Length: > 0 } own ? own : template,
    };

    /// <summary>Completes the templates with ids. Returns why they cannot be stored, or null.</summary>
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
        { Type: Comet, Username: "" } or { Type: Comet, Password: "" } =>
            "needs name and password of an administrator of the other server.",
        { Type: Comet } => null,
        { Type: Custom } when SelfAddress.Normalize(template.Custom.URL.Split('?')[0]) is null =>
            "needs an http or https address as Custom.URL.",
        { Type: Custom } when template.Custom.CustomBodyType is not ("" or "none" or "form" or "json" or "urlencoded") =>
            "has a CustomBodyType other than none, form, json and urlencoded.",
        { Type: Custom } => null,
        _ => $"is of type '{template.Type}'; this server makes vaults of the types {Comet} and {Custom}.",
    };
}
