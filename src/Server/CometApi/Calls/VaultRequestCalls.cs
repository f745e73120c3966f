using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.CometApi.Transport;
using Halley.Server.Hosting;
using Halley.Server.Organizations;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about vaults on request and the templates for them.</summary>
internal sealed class VaultRequestCalls(VaultTemplates templates, VaultMaking making, IEnumerable<VaultProvider> providers)
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapCometAdmin<VaultRequestCalls>("meta/remote-storage-vault/get", Requires.EditRemoteStorage, (api, call) => Task.FromResult<object>(api.Templates(call)));
        endpoints.MapCometAdmin<VaultRequestCalls>("meta/remote-storage-vault/set", Requires.EditRemoteStorage, (api, call) => api.SetTemplatesAsync(call));
        endpoints.MapCometAdmin<VaultRequestCalls>("meta/remote-storage-vault/test", Requires.EditRemoteStorage, (api, call) => api.TestAsync(call));
        endpoints.MapCometAdmin<VaultRequestCalls>("request-storage-vault-providers", (api, call) => Task.FromResult(api.Providers(call)));
        endpoints.MapCometAdmin<VaultRequestCalls>("request-storage-vault", Requires.RequestStorageVault, (api, call) => api.RequestAsync(call));
        endpoints.MapCometUser<VaultRequestCalls>("request-storage-vault-providers", (api, call) => Task.FromResult<object>(api.Describe(call.Account.OrganizationId)));
        endpoints.MapCometUser<VaultRequestCalls>("request-storage-vault", (api, call) => api.RequestOwnAsync(call));
    }

    private IReadOnlyList<RemoteStorageOption> Templates(CometCall call) => templates.Of(call.Administrator.OrganizationId);

    private async Task<object> SetTemplatesAsync(CometCall call)
    {
        if (!call.Form.TryJson<List<RemoteStorageOption>>("RemoteStorageOptions", out var list) || list is null)
        {
            return CometErrors.BadField("RemoteStorageOptions", "must be a list of RemoteStorageOption as JSON");
        }

        var refusal = await templates.ReplaceAsync(
            call.Administrator.OrganizationId, list, call.Form.Text("ReplacementAutoVaultID"), call.Administrator.Username, call.Aborted);
        return refusal is null ? CometApiResponseMessage.Ok : CometErrors.BadRequest(refusal);
    }

    private async Task<object> TestAsync(CometCall call)
    {
        if (!call.Form.TryJson<RemoteStorageOption>("TemplateOptions", out var template) || template is null)
        {
            return CometErrors.BadField("TemplateOptions", "must be a RemoteStorageOption as JSON");
        }

        if (VaultTemplates.CheckOne(template) is { } wrong)
        {
            return CometErrors.BadRequest($"The template {wrong}");
        }

        var refusal = await providers.First(provider => provider.Serves(template)).TestAsync(template, call.Administrator.OrganizationId, call.Aborted);
        return refusal is null ? CometApiResponseMessage.Ok : CometErrors.BadRequest(refusal);
    }

    private object Providers(CometCall call) => call.TargetScope is { } scope
        ? Describe(scope.OrganizationId ?? "")
        : CometErrors.OtherOrganization;

    private Dictionary<string, string> Describe(string organizationId) =>
        templates.Of(organizationId).ToDictionary(template => template.ID, template => template.Description);

    private async Task<object> RequestOwnAsync(CometCall call) => Answer(
        await making.RequestAsync(
            new VaultRequest(
                call.Account.Username,
                TenantScope.Of(call.Account.OrganizationId),
                call.Account.Username,
                call.Form.Text("StorageProvider"),
                call.Form.Text("SelfAddress"),
                call.Form.Text("DeviceID"),
                call.Form.Text("ProfileHash") is { Length: > 0 } hash ? hash : null,
                ByUser: true),
            call.Aborted),
        ProfileRules.MaskedForUser);

    private async Task<object> RequestAsync(CometCall call) => Answer(await making.RequestAsync(
        new VaultRequest(
            call.Form.Text("TargetUser"),
            call.Scope,
            call.Administrator.Username,
            call.Form.Text("StorageProvider"),
            call.Form.Text("SelfAddress"),
            call.Form.Text("DeviceID"),
            call.Form.Text("ProfileHash") is { Length: > 0 } hash ? hash : null,
            AllowedTypes: call.Administrator.Permissions.Flags is { ShouldRestrictProviderList: true } limited ? limited.AllowedProvidersWhenRestricted : null),
        call.Aborted), profile => profile);

    private static object Answer(VaultRequestOutcome outcome, Func<UserProfileConfig, UserProfileConfig> show) => outcome switch
    {
        { Result: VaultRequestResult.Made, Stored: { } stored } => new RequestStorageVaultResponseMessage
        {
            DestinationID = outcome.VaultId,
            ProfileHash = stored.Hash,
            Profile = show(stored.Profile),
        },
        { Result: VaultRequestResult.Stale } => CometErrors.Conflict(outcome.Reason!),
        { Result: VaultRequestResult.Forbidden } => new CometApiResponseMessage(403, outcome.Reason!),
        { Result: VaultRequestResult.UnknownTemplate } => CometErrors.NotFound(outcome.Reason!),
        _ => CometErrors.BadRequest(outcome.Reason!),
    };
}
