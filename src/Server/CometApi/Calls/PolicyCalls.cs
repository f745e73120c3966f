using Halley.Protocol.Policies;
using Halley.Server.Access;
using Halley.Server.AuthRole.UserPolicies;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about policies.</summary>
internal sealed class PolicyCalls(PolicyActions policies, PolicyDocument documents)
{
    public static void Map(CometMap<PolicyCalls> map)
    {
        map.Admin("policies/list", "TargetOrganization?", (api, call) => api.ListAsync(call, policy => policy.Description));
        map.Admin("policies/list-full", "TargetOrganization?", (api, call) => api.ListAsync(call, api.Read));
        map.Admin("policies/get", "PolicyID", (api, call) => api.GetAsync(call));
        map.Admin("policies/new", "Policy json:GroupPolicy", (api, call) => api.CreateAsync(call));
        map.Admin(
            "policies/set", "PolicyID, Policy json:GroupPolicy, CheckPolicyHash?, Options? json:PolicyOptions",
            (api, call) => api.SetAsync(call));
        map.Admin("policies/delete", "PolicyID", (api, call) => api.DeleteAsync(call));
    }

    private GroupPolicy Read(StoredPolicy policy) => documents.Read(policy);

    private async Task<CometReply<Dictionary<string, T>>> ListAsync<T>(CometCall call, Func<StoredPolicy, T> read)
        where T : notnull
    {
        if (call.TargetScope is not { } scope)
        {
            return CometErrors.OtherOrganization;
        }

        return (await policies.ListAsync(call.Caller, scope.OrganizationId, call.Aborted)).ToDictionary(policy => policy.Id, read);
    }

    private async Task<CometReply<GetGroupPolicyResponse>> GetAsync(CometCall call) =>
        (await policies.FindAsync(call.Caller, call.Form.Text("PolicyID"), call.Aborted)).TryGet(out var policy, out var refusal)
            ? new GetGroupPolicyResponse { Policy = documents.Read(policy), PolicyHash = policy.Hash }
            : refusal;

    private async Task<CometReply<CreateGroupPolicyResponse>> CreateAsync(CometCall call)
    {
        if (!call.Form.TryJson<GroupPolicy>("Policy", out var document) || document is null)
        {
            return NotAPolicy;
        }

        return (await policies.CreateAsync(call.Caller, chosenId: null, document, call.Aborted)).TryGet(out var made, out var refusal)
            ? new CreateGroupPolicyResponse { PolicyHash = made.Hash }
            : refusal;
    }

    // The vendor's clients also create policies of chosen ids with this call.
    private async Task<CometApiResponseMessage> SetAsync(CometCall call)
    {
        if (!call.Form.TryJson<GroupPolicy>("Policy", out var document) || document is null)
        {
            return NotAPolicy;
        }

        if (!call.Form.TryJson<PolicyOptions>("Options", out var options))
        {
            return CometErrors.BadField("Options", "must be PolicyOptions as JSON");
        }

        if (call.Form.Text("PolicyID") is not { Length: > 0 } id)
        {
            return CometErrors.BadField("PolicyID", "must name the policy to save");
        }

        var hash = call.Form.Text("CheckPolicyHash") is { Length: > 0 } given ? given : null;
        var outcome = await policies.ReplaceAsync(call.Caller, id, document, hash, options?.DeleteSources ?? [], call.Aborted);
        if (outcome.Refusal is { Kind: RefusalKind.NotFound } && hash is null)
        {
            outcome = await policies.CreateAsync(call.Caller, id, document, call.Aborted);
        }

        return CometErrors.OkOr(outcome.Refusal);
    }

    private async Task<CometApiResponseMessage> DeleteAsync(CometCall call) =>
        CometErrors.OkOr(await policies.DeleteAsync(call.Caller, call.Form.Text("PolicyID"), call.Aborted));

    private static CometApiResponseMessage NotAPolicy => CometErrors.BadField("Policy", "must be a GroupPolicy as JSON");
}
