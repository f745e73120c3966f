using Halley.Protocol.Organizations;
using Halley.Server.Access;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Halley.Server.Hosting;
using Halley.Server.Organizations;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about tenants; all of them are for administrators of the top level.</summary>
internal sealed class OrganizationCalls(OrganizationActions organizations, OrganizationCache cache)
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
        cache.All.ToDictionary(organization => organization.Key, organization => organization.Value.Document);

    private async Task<CometReply<OrganizationResponse>> SetAsync(CometCall call)
    {
        if (!call.Form.TryJson<Organization>("Organization", out var document))
        {
            return CometErrors.BadField("Organization", "must be an Organization as JSON");
        }

        var id = call.Form.Text(OrganizationId);
        var change = id.Length == 0
            ? await organizations.CreateAsync(call.Caller, document ?? new Organization(), call.Aborted)
            : await organizations.ReplaceAsync(call.Caller, id, document, call.Aborted);
        return change.TryGet(out var set, out var refusal)
            ? new OrganizationResponse { ID = set.Id, Organization = set.Document }
            : CometErrors.Of(refusal);
    }

    private async Task<CometApiResponseMessage> DeleteAsync(CometCall call)
    {
        if (!call.Form.TryJson<UninstallConfig>("UninstallConfig", out var uninstall))
        {
            return CometErrors.BadField("UninstallConfig", "must be an UninstallConfig as JSON");
        }

        var id = call.Form.Text(OrganizationId);
        if (id.Length == 0)
        {
            return CometErrors.BadField(OrganizationId, "must name the organization to delete");
        }

        return CometErrors.OkOr(await organizations.DeleteAsync(call.Caller, id, call.Aborted, UninstallConfig.ToRemoval(uninstall)));
    }
}
