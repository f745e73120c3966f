using Halley.Protocol.Comet;
using Halley.Server.AuthRole.Groups;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.CometApi.Transport;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about groups of users.</summary>
internal sealed class GroupCalls(UserGroups groups, ProfileStore profiles)
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

        return (await groups.ListAsync(scope, call.Aborted)).ToDictionary(group => group.Id, read);
    }

    private async Task<CometReply<GetUserGroupWithUsersResponse>> GetAsync(CometCall call)
    {
        if (!call.Form.TryBoolean("IncludeUsers", absent: false, out var includeUsers))
        {
            return CometErrors.BadField("IncludeUsers", "must be true or false");
        }

        if (await groups.FindAsync(call.Form.Text(GroupId), call.Scope, call.Aborted) is not { } group)
        {
            return Refuse(GroupChange.NotFound);
        }

        var answer = new GetUserGroupWithUsersResponse { UserGroup = ToWire(group) };
        foreach (var username in includeUsers ? await groups.MembersAsync(group, call.Aborted) : [])
        {
            if (await profiles.FindAsync(username, call.Scope, call.Aborted) is { } stored)
            {
                answer.Users[username] = stored.Profile;
            }
        }

        return answer;
    }

    private async Task<CometReply<CreateUserGroupResponse>> CreateAsync(CometCall call)
    {
        if (call.TargetScope is not { } scope)
        {
            return CometErrors.OtherOrganization;
        }

        var change = await groups.CreateAsync(
            null, call.Form.Text("Name"), scope.OrganizationId ?? "", call.Scope, call.Administrator.Username, call.Aborted);
        return change.Value is { } made ? new CreateUserGroupResponse { UserGroupID = made.Id } : Refuse(change);
    }

    private async Task<CometApiResponseMessage> SetAsync(CometCall call)
    {
        if (!call.Form.TryJson<UserGroup>("Group", out var document) || document is null)
        {
            return CometErrors.BadField("Group", "must be a UserGroup as JSON");
        }

        var id = call.Form.Text(GroupId);
        if (id.Length == 0)
        {
            return CometErrors.BadField(GroupId, "must name the group to save");
        }

        var change = await groups.RenameAsync(id, document.Name, call.Scope, call.Administrator.Username, call.Aborted);
        if (ReferenceEquals(change, GroupChange.NotFound))
        {
            change = await groups.CreateAsync(
                id, document.Name, document.OrganizationID, call.Scope, call.Administrator.Username, call.Aborted);
        }

        return change.Value is null ? Refuse(change) : CometApiResponseMessage.Ok;
    }

    private async Task<CometApiResponseMessage> SetUsersAsync(CometCall call)
    {
        if (!call.Form.TryJson<List<string>>("Users", out var users) || users is null || users.Contains(null!))
        {
            return CometErrors.BadField("Users", "must be a list of names as JSON");
        }

        var change = await groups.SetMembersAsync(call.Form.Text(GroupId), users, call.Scope, call.Administrator.Username, call.Aborted);
        return change.Value is null ? Refuse(change) : CometApiResponseMessage.Ok;
    }

    private async Task<CometApiResponseMessage> DeleteAsync(CometCall call) =>
        await groups.DeleteAsync(call.Form.Text(GroupId), call.Scope, call.Administrator.Username, call.Aborted)
            ? CometApiResponseMessage.Ok
            : Refuse(GroupChange.NotFound);

    private static UserGroup ToWire(StoredUserGroup group) => new()
    {
        Name = group.Name,
        OrganizationID = group.OrganizationId,
        CreatedAt = new DateTimeOffset(group.CreatedAt).ToUnixTimeSeconds(),
    };

    private static CometApiResponseMessage Refuse(GroupChange change) =>
        ReferenceEquals(change, GroupChange.NotFound) ? CometErrors.NotFound("Group not found")
        : ReferenceEquals(change, GroupChange.Taken) ? CometErrors.Conflict(change.Reason!)
        : CometErrors.BadRequest(change.Reason!);
}
