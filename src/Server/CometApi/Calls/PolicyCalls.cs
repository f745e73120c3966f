using Halley.Protocol.Comet;
using Halley.Server.AuthRole.UserPolicies;
using Halley.Server.CometApi.Transport;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about policies.</summary>
internal sealed class PolicyCalls(PolicyStore policies, PolicyDocument documents)
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

        return (await policies.ListAsync(scope, call.Aborted)).Where(policy => ActorOf(call).MayUse(policy.Id))
            .ToDictionary(policy => policy.Id, read);
    }

    private async Task<CometReply<GetGroupPolicyResponse>> GetAsync(CometCall call) =>
        ActorOf(call).MayUse(call.Form.Text("PolicyID"))
            && await policies.FindAsync(call.Form.Text("PolicyID"), call.Scope, call.Aborted) is { } policy
            ? new GetGroupPolicyResponse { Policy = documents.Read(policy), PolicyHash = policy.Hash }
            : CometErrors.NotFound("Policy not found");

    private async Task<CometReply<CreateGroupPolicyResponse>> CreateAsync(CometCall call)
    {
        if (!call.Form.TryJson<GroupPolicy>("Policy", out var document) || document is null)
        {
            return NotAPolicy;
        }

        var change = await policies.CreateAsync(null, document, ActorOf(call), call.Aborted);
        return change.Stored is { } made ? new CreateGroupPolicyResponse { PolicyHash = made.Hash } : Refuse(change);
    }

    // The vendor's clients make policies of chosen ids with this call, too.
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

        var id = call.Form.Text("PolicyID");
        if (id.Length == 0)
        {
            return CometErrors.BadField("PolicyID", "must name the policy to save");
        }

        var hash = call.Form.Text("CheckPolicyHash") is { Length: > 0 } given ? given : null;
        var change = await policies.ReplaceAsync(id, document, hash, options?.DeleteSources ?? [], ActorOf(call), call.Aborted);
        if (change.Result == PolicyChangeResult.NotFound && hash is null)
        {
            change = await policies.CreateAsync(id, document, ActorOf(call), call.Aborted);
        }

        return change.Stored is null ? Refuse(change) : CometApiResponseMessage.Ok;
    }

    private async Task<CometApiResponseMessage> DeleteAsync(CometCall call) =>
        await policies.DeleteAsync(call.Form.Text("PolicyID"), ActorOf(call), call.Aborted)
            ? CometApiResponseMessage.Ok
            : CometErrors.NotFound("Policy not found");

    private static PolicyActor ActorOf(CometCall call) =>
        new(call.Scope, call.Administrator.Username, call.Administrator.Permissions.AllowedPolicies);

    private static CometApiResponseMessage NotAPolicy => CometErrors.BadField("Policy", "must be a GroupPolicy as JSON");

    private static CometApiResponseMessage Refuse(PolicyChange change) => change.Result switch
    {
        PolicyChangeResult.NotFound => CometErrors.NotFound("Policy not found"),
        PolicyChangeResult.Stale or PolicyChangeResult.Taken => CometErrors.Conflict(change.Reason!),
        _ => CometErrors.BadRequest(change.Reason!),
    };
}
