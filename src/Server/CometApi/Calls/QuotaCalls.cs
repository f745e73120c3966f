using Halley.Protocol.Policies;
using Halley.Server.AuthRole.Quotas;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about limits that several vaults share.</summary>
internal sealed class QuotaCalls(SharedQuotaActions quotas)
{
    private const string QuotaId = "SharedStorageQuotaID";

    public static void Map(CometMap<QuotaCalls> map)
    {
        map.Admin("squota/list-all", "", (api, call) => api.ListAsync(call));
        map.Admin("squota/get-with-hash", "SharedStorageQuotaID", (api, call) => api.GetAsync(call));
        map.Admin("squota/set-with-hash", "SharedStorageQuotaID, SharedStorageQuota json, CheckHash?", (api, call) => api.SetAsync(call));
        map.Admin("squota/delete", "SharedStorageQuotaID", (api, call) => api.DeleteAsync(call));
    }

    private async Task<CometReply<ListSharedStorageQuotaResponse>> ListAsync(CometCall call) => new ListSharedStorageQuotaResponse
    {
        Entries = (await quotas.ListAsync(call.Caller, call.Aborted)).ToDictionary(quota => quota.Id, ToWire),
    };

    private async Task<CometReply<GetSharedStorageQuotaResponse>> GetAsync(CometCall call) =>
        (await quotas.FindAsync(call.Caller, call.Form.Text(QuotaId), call.Aborted)).TryGet(out var quota, out var refusal)
            ? new GetSharedStorageQuotaResponse
            {
                SharedStorageQuota = ToWire(quota),
                SharedStorageQuotaHash = quota.Hash,
                CurrentUsage = await quotas.UsageAsync(quota, call.Aborted),
            }
            : refusal;

    private async Task<CometReply<SetSharedStorageQuotaResponse>> SetAsync(CometCall call)
    {
        if (!call.Form.TryJson<SharedStorageQuota>("SharedStorageQuota", out var document) || document is null)
        {
            return CometErrors.BadField("SharedStorageQuota", "must be a SharedStorageQuota as JSON");
        }

        var hash = call.Form.Text("CheckHash") is { Length: > 0 } given ? given : null;
        var outcome = await quotas.SaveAsync(call.Caller, call.Form.Text(QuotaId), document, hash, call.Aborted);
        return outcome.TryGet(out var saved, out var refusal)
            ? new SetSharedStorageQuotaResponse { SharedStorageQuotaHash = saved.Hash }
            : refusal;
    }

    private async Task<CometApiResponseMessage> DeleteAsync(CometCall call) =>
        CometErrors.OkOr(await quotas.DeleteAsync(call.Caller, call.Form.Text(QuotaId), call.Aborted));

    private static SharedStorageQuota ToWire(StoredQuota quota) =>
        new() { Description = quota.Description, OrganizationID = quota.OrganizationId, LimitBytes = quota.LimitBytes };
}
