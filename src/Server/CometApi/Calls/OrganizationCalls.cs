using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.CometApi.Transport;
using Halley.Server.Hosting;
using Halley.Server.Organizations;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about tenants; all of them are for administrators of the top level.</summary>
internal sealed class OrganizationCalls(OrganizationRegistry registry, OrganizationDirectory directory)
{
    private const string OrganizationId = "OrganizationID";

    public static void Map(CometMap<OrganizationCalls> map)
    {
        map.Admin("organization/list", "", Requires.TopLevel, (api, _) => api.List());
        map.Admin(
            "organization/set", "OrganizationID?, Organization? json:Organization", Requires.TopLevel,
            (api, call) => api.SetAsync(call));
        map.Admin(
            "organization/delete", "OrganizationID?, UninstallConfig? json:UninstallConfig", Requires.TopLevel,
            (api, call) => api.DeleteAsync(call));
    }

    private CometReply<Dictionary<string, Organization>> List() =>
        directory.All.ToDictionary(organization => organization.Key, organization => organization.Value.Document);

    private async Task<CometReply<OrganizationResponse>> SetAsync(CometCall call)
    {
        if (!call.Form.TryJson<Organization>("Organization", out var document))
        {
            return CometErrors.BadField("Organization", "must be an Organization as JSON");
        }

        var id = call.Form.Text(OrganizationId);
        var change = id.Length == 0
            ? await registry.CreateAsync(document ?? new Organization(), call.Administrator.Name, call.Aborted)
            : await registry.ChangeAsync(id, call.Administrator.Name, stored => document ?? stored, call.Aborted);
        return change switch
        {
            { Value: { } set } => new OrganizationResponse { ID = set.Id, Organization = set.Document },
            { IsMissing: true } => CometErrors.NotFound("Organization not found"),
            { IsConflict: true } => CometErrors.Conflict(change.Reason!),
            _ => CometErrors.BadRequest(change.Reason!),
        };
    }

    private async Task<CometApiResponseMessage> DeleteAsync(CometCall call)
    {
        if (!call.Form.TryJson<UninstallConfig>("UninstallConfig", out var uninstall))
        {
            return CometErrors.BadField("UninstallConfig", "must be an UninstallConfig as JSON");
        }

        if (uninstall?.UninstallFlag == true)
        {
            return CometErrors.BadField("UninstallConfig", "must not ask to uninstall: this server cannot remove software from devices");
        }

        var id = call.Form.Text(OrganizationId);
        if (id.Length == 0)
        {
            return CometErrors.BadField(OrganizationId, "must name the organization to delete");
        }

        return await registry.DeleteAsync(id, call.Administrator.Name, call.Aborted)
            ? CometApiResponseMessage.Ok
            : CometErrors.NotFound("Organization not found");
    }
}
