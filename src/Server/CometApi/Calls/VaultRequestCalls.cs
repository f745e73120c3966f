using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.CometApi.Transport;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about vaults on request and the templates for them.</summary>
internal sealed class VaultRequestCalls(VaultTemplateActions templates, VaultRequestActions vaults)
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapCometAdmin<VaultRequestCalls>("meta/remote-storage-vault/get", Requires.EditRemoteStorage, (api, call) => Task.FromResult<object>(api.Templates(call)));
        endpoints.MapCometAdmin<VaultRequestCalls>("meta/remote-storage-vault/set", Requires.EditRemoteStorage, (api, call) => api.SetTemplatesAsync(call));
        endpoints.MapCometAdmin<VaultRequestCalls>("meta/remote-storage-vault/test", Requires.EditRemoteStorage, (api, call) => api.TestAsync(call));
        endpoints.MapCometAdmin<VaultRequestCalls>("request-storage-vault-providers", (api, call) => Task.FromResult(api.Providers(call)));
        endpoints.MapCometAdmin<VaultRequestCalls>("request-storage-vault", Requires.RequestStorageVault, (api, call) => api.RequestAsync(call));
        endpoints.MapCometUser<VaultRequestCalls>("request-storage-vault-providers", (api, call) => Task.FromResult<object>(api.OwnProviders(call)));
        endpoints.MapCometUser<VaultRequestCalls>("request-storage-vault", (api, call) => api.RequestAsync(call));
    }

    private IReadOnlyList<RemoteStorageOption> Templates(CometCall call) => templates.ListWithCredentials(call.Caller);

    private async Task<object> SetTemplatesAsync(CometCall call) =>
        call.Form.TryJson<List<RemoteStorageOption>>("RemoteStorageOptions", out var list) && list is not null
            ? CometErrors.OkOr(await templates.ReplaceAsync(call.Caller, list, call.Form.Text("ReplacementAutoVaultID"), call.Aborted))
            : CometErrors.BadField("RemoteStorageOptions", "must be a list of RemoteStorageOption as JSON");

    private async Task<object> TestAsync(CometCall call) =>
        call.Form.TryJson<RemoteStorageOption>("TemplateOptions", out var template) && template is not null
            ? CometErrors.OkOr(await templates.TestAsync(call.Caller, template, call.Aborted))
            : CometErrors.BadField("TemplateOptions", "must be a RemoteStorageOption as JSON");

    private object Providers(CometCall call) => call.TargetScope is { } scope
        ? Describe(templates.List(call.Caller, scope.OrganizationId))
        : CometErrors.OtherOrganization;

    private Dictionary<string, string> OwnProviders(CometCall call) => Describe(templates.List(call.Account));

    private static Dictionary<string, string> Describe(IEnumerable<VaultTemplateInfo> found) =>
        found.ToDictionary(template => template.Id, template => template.Description);

    private async Task<object> RequestAsync(CometCall call)
    {
        var request = new RequestVault(call.Form.Text("StorageProvider"), call.Form.Text("SelfAddress"), call.Form.Text("DeviceID"));
        var hash = call.Form.Text("ProfileHash") is { Length: > 0 } given ? given : null;
        var outcome = await vaults.RequestAsync(call.Target, request, hash, call.Aborted);
        if (!outcome.TryGet(out var made, out var refusal))
        {
            return refusal.Code == VaultProvider.NotMade ? CometErrors.BadRequest(refusal.Reason) : CometErrors.Of(refusal);
        }

        return new RequestStorageVaultResponseMessage { DestinationID = made.Id, ProfileHash = made.Stored.Hash, Profile = made.Stored.Profile };
    }
}
