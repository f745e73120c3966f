using Halley.Protocol;
using Halley.Protocol.Administrators;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.CometApi.Transport;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about other administrators.</summary>
internal sealed class AdminUserCalls(AdministratorActions administrators, AdministratorStore store)
{
    private const string TargetUser = "TargetUser";
    private const Requires Rights = Requires.TopLevel | Requires.EditServerSettings;

    public static void Map(CometMap<AdminUserCalls> map)
    {
        map.Admin("admin-user/delete", "TargetUser", Rights, (api, call) => api.DeleteAsync(call));
        map.Admin("admin-user/list", "", Rights, (api, call) => api.ListAsync(call));
        map.Admin("admin-user/new", "TargetUser, TargetPassword, TargetOrgID?", Rights, (api, call) => api.NewAsync(call));
    }

    private async Task<CometReply<List<AllowedAdminUser>>> ListAsync(CometCall call) =>
        (await administrators.ListAsync(call.Caller, after: null, int.MaxValue, call.Aborted)).TryGet(out var all, out var refusal)
            ? all.ConvertAll(AdministratorWire.Of)
            : CometErrors.Of(refusal);

    private async Task<CometApiResponseMessage> NewAsync(CometCall call)
    {
        var request = new CreateAdministrator(call.Form.Text(TargetUser), call.Form.Text("TargetPassword"), call.Form.Text("TargetOrgID"));
        return CometErrors.OkOr((await administrators.CreateAsync(call.Caller, request, call.Aborted)).Refusal);
    }

    private async Task<CometApiResponseMessage> DeleteAsync(CometCall call) =>
        await store.FindAsync(call.Form.Text(TargetUser), call.Aborted) is { } administrator
            ? CometErrors.OkOr(await administrators.DeleteAsync(call.Caller, administrator.Id, call.Aborted))
            : CometErrors.Of(AdministratorRefusals.NotFound);
}
