using Halley.Protocol.Comet;
using Halley.Server.AuthRole.Quotas;
using Halley.Server.CometApi.Transport;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about limits that several vaults share.</summary>
internal sealed class QuotaCalls(SharedQuotas quotas)
{
    private const string QuotaId = "SharedStorageQuotaID";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapCometAdmin<QuotaCalls>("squota/list-all", (api, call) => api.ListAsync(call));
        endpoints.MapCometAdmin<QuotaCalls>("squota/get-with-hash", (api, call) => api.GetAsync(call));
        endpoints.MapCometAdmin<QuotaCalls>("squota/set-with-hash", (api, call) => api.SetAsync(call));
        endpoints.MapCometAdmin<QuotaCalls>("squota/delete", (api, call) => api.DeleteAsync(call));
    }

    private async Task<object> ListAsync(CometCall call) => new ListSharedStorageQuotaResponse
    {
        Entries = (await quotas.ListAsync(call.Scope, call.Aborted)).ToDictionary(quota => quota.Id, ToWire),
    };

    private async Task<object> GetAsync(CometCall call) =>
        await quotas.FindAsync(call.Form.Text(QuotaId), call.Scope, call.Aborted) is { } quota
            ? new GetSharedStorageQuotaResponse
            {
                SharedStorageQuota = ToWire(quota),
                SharedStorageQuotaHash = quota.Hash,
                CurrentUsage = await quotas.UsageAsync(quota, call.Aborted),
            }
            : CometErrors.NotFound("Shared quota not found");

    private async Task<object> SetAsync(CometCall call)
    {
        if (!call.Form.TryJson<SharedStorageQuota>("SharedStorageQuota", out var document) || document is null)
        {
            return CometErrors.BadField("SharedStorageQuota", "must be a SharedStorageQuota as JSON");
        }

        var hash = call.Form.Text("CheckHash") is { Length: > 0 } given ? given : null;
        var change = await quotas.SaveAsync(call.Form.Text(QuotaId), document, hash, call.Scope, call.Administrator.Username, call.Aborted);
        return change switch
        {
            { Value: { } saved } => new SetSharedStorageQuotaResponse { SharedStorageQuotaHash = saved.Hash },
            _ when ReferenceEquals(change, QuotaChange.Stale) => CometErrors.Conflict(change.Reason!),
            _ => CometErrors.BadRequest(change.Reason!),
        };
    }

    private async Task<object> DeleteAsync(CometCall call) =>
        await quotas.DeleteAsync(call.Form.Text(QuotaId), call.Scope, call.Administrator.Username, call.Aborted)
            ? CometApiResponseMessage.Ok
            : CometErrors.NotFound("Shared quota not found");

    private static SharedStorageQuota ToWire(StoredQuota quota) =>
        new() { Description = quota.Description, OrganizationID = quota.OrganizationId, LimitBytes = quota.LimitBytes };
}
