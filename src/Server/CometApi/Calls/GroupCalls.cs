using Halley.Protocol.Organizations;
using Halley.Server.Access;
using Halley.Server.AuthRole.Groups;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about groups of users.</summary>
internal sealed class GroupCalls(UserGroupActions groups)
{
    private const string GroupId = "GroupID";

    public static void Map(CometMap<GroupCalls> map)
    {
        map.Admin("user-groups/list", "TargetOrganization?", (api, call) => api.ListAsync(call, group => group.Name));
        map.Admin("user-groups/list-full", "TargetOrganization?", (api, call) => api.ListAsync(call, ToWire));
        map.Admin("user-groups/get", "GroupID, IncludeUsers? bool", (api, call) => api.GetAsync(call));
        map.Admin("user-groups/new", "Name, TargetOrganization?", (api, call) => api.CreateAsync(call));
        map.Admin("user-groups/set", "GroupID, Group json:UserGroup", (api, call) => api.SetAsync(call));
        map.Admin("user-groups/set-users-for-group", "GroupID, Users json:[]string", (api, call) => api.SetUsersAsync(call));
        map.Admin("user-groups/delete", "GroupID", (api, call) => api.DeleteAsync(call));
    }

    private async Task<CometReply<Dictionary<string, T>>> ListAsync<T>(CometCall call, Func<StoredUserGroup, T> read)
        where T : notnull
    {
        if (call.TargetScope is not { } scope)
        {
            return CometErrors.OtherOrganization;
        }

        return (await groups.ListAsync(call.Caller, scope.OrganizationId, call.Aborted)).ToDictionary(group => group.Id, read);
    }

    private async Task<CometReply<GetUserGroupWithUsersResponse>> GetAsync(CometCall call)
    {
        if (!call.Form.TryBoolean("IncludeUsers", absent: false, out var includeUsers))
        {
            return CometErrors.BadField("IncludeUsers", "must be true or false");
        }

        if (!(await groups.FindAsync(call.Caller, call.Form.Text(GroupId), call.Aborted)).TryGet(out var group, out var refusal))
        {
            return refusal;
        }

        return new GetUserGroupWithUsersResponse
        {
            UserGroup = ToWire(group),
            Users = includeUsers ? await groups.ProfilesOfMembersAsync(group, call.Aborted) : [],
        };
    }

    private async Task<CometReply<CreateUserGroupResponse>> CreateAsync(CometCall call)
    {
        if (call.TargetScope is not { } scope)
        {
            return CometErrors.OtherOrganization;
        }

        var outcome = await groups.CreateAsync(
            call.Caller, chosenId: null, call.Form.Text("Name"), scope.OrganizationId ?? "", call.Aborted);
        return outcome.TryGet(out var made, out var refusal) ? new CreateUserGroupResponse { UserGroupID = made.Id } : refusal;
    }

    // The vendor's clients also create groups of chosen ids with this call.
    private async Task<CometApiResponseMessage> SetAsync(CometCall call)
    {
        if (!call.Form.TryJson<UserGroup>("Group", out var document) || document is null)
        {
            return CometErrors.BadField("Group", "must be a UserGroup as JSON");
        }

        if (call.Form.Text(GroupId) is not { Length: > 0 } id)
        {
            return CometErrors.BadField(GroupId, "must name the group to save");
        }

        var outcome = await groups.UpdateAsync(call.Caller, id, document.Name, members: null, call.Aborted);
        if (outcome.Refusal is { Kind: RefusalKind.NotFound })
        {
            outcome = await groups.CreateAsync(call.Caller, id, document.Name, document.OrganizationID, call.Aborted);
        }

        return CometErrors.OkOr(outcome.Refusal);
    }

    private async Task<CometApiResponseMessage> SetUsersAsync(CometCall call) =>
        call.Form.TryJson<List<string>>("Users", out var users) && users is not null
            ? CometErrors.OkOr((await groups.UpdateAsync(call.Caller, call.Form.Text(GroupId), name: null, users, call.Aborted)).Refusal)
            : CometErrors.BadField("Users", "must be a list of names as JSON");

    private async Task<CometApiResponseMessage> DeleteAsync(CometCall call) =>
        CometErrors.OkOr(await groups.DeleteAsync(call.Caller, call.Form.Text(GroupId), call.Aborted));

    private static UserGroup ToWire(StoredUserGroup group) => new()
    {
        Name = group.Name,
        OrganizationID = group.OrganizationId,
        CreatedAt = new DateTimeOffset(group.CreatedAt).ToUnixTimeSeconds(),
    };
}
