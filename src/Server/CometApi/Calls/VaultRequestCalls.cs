using Halley.Protocol;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about vaults on request and the templates for them.</summary>
internal sealed class VaultRequestCalls(VaultTemplateActions templates, VaultRequestActions vaults)
{
    public static void Map(CometMap<VaultRequestCalls> map)
    {
        map.Admin("meta/remote-storage-vault/get", "", Requires.EditRemoteStorage, (api, call) => api.Templates(call));
        map.Admin(
            "meta/remote-storage-vault/set",
            "RemoteStorageOptions json:[]RemoteStorageOption, ReplacementAutoVaultID?",
            Requires.EditRemoteStorage,
            (api, call) => api.SetTemplatesAsync(call));
        map.Admin(
            "meta/remote-storage-vault/test", "TemplateOptions json:RemoteStorageOption", Requires.EditRemoteStorage,
            (api, call) => api.TestAsync(call));
        map.Admin("request-storage-vault-providers", "TargetOrganization?", (api, call) => api.Providers(call));
        map.Admin(
            "request-storage-vault", "TargetUser, StorageProvider, SelfAddress?, DeviceID?, ProfileHash?", Requires.RequestStorageVault,
            (api, call) => api.RequestAsync(call));
        map.User("request-storage-vault-providers", "", (api, call) => Task.FromResult(api.OwnProviders(call)));
        map.User("request-storage-vault", "StorageProvider, SelfAddress?, DeviceID?, ProfileHash?", (api, call) => api.RequestAsync(call));
    }

    private CometReply<List<RemoteStorageOption>> Templates(CometCall call) => templates.ListWithCredentials(call.Caller).ToList();

    private async Task<CometApiResponseMessage> SetTemplatesAsync(CometCall call) =>
        call.Form.TryJson<List<RemoteStorageOption>>("RemoteStorageOptions", out var list) && list is not null
            ? CometErrors.OkOr(await templates.ReplaceAsync(call.Caller, list, call.Form.Text("ReplacementAutoVaultID"), call.Aborted))
            : CometErrors.BadField("RemoteStorageOptions", "must be a list of RemoteStorageOption as JSON");

    private async Task<CometApiResponseMessage> TestAsync(CometCall call) =>
        call.Form.TryJson<RemoteStorageOption>("TemplateOptions", out var template) && template is not null
            ? CometErrors.OkOr(await templates.TestAsync(call.Caller, template, call.Aborted))
            : CometErrors.BadField("TemplateOptions", "must be a RemoteStorageOption as JSON");

    private CometReply<Dictionary<string, string>> Providers(CometCall call) => call.TargetScope is { } scope
        ? Describe(templates.List(call.Caller, scope.OrganizationId))
        : CometErrors.OtherOrganization;

    private CometReply<Dictionary<string, string>> OwnProviders(CometCall call) => Describe(templates.List(call.Account));

    private static Dictionary<string, string> Describe(IEnumerable<VaultTemplateInfo> found) =>
        found.ToDictionary(template => template.Id, template => template.Description);

    private async Task<CometReply<RequestStorageVaultResponseMessage>> RequestAsync(CometCall call)
    {
        var request = new RequestVault(call.Form.Text("StorageProvider"), call.Form.Text("SelfAddress"), call.Form.Text("DeviceID"));
        var hash = call.Form.Text("ProfileHash") is { Length: > 0 } given ? given : null;
        var outcome = await vaults.RequestAsync(call.Target, request, hash, call.Aborted);
        if (!outcome.TryGet(out var made, out var refusal))
        {
            return refusal.Code == VaultProvider.NotMade ? CometErrors.BadRequest(refusal.Reason) : refusal;
        }

        return new RequestStorageVaultResponseMessage
        {
            DestinationID = made.Id,
            ProfileHash = made.Stored.Hash,
            Profile = made.Stored.Profile,
        };
    }
}
