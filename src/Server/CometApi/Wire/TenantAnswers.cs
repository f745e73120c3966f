using Halley.Protocol.Comet;
using Halley.Protocol.Organizations;
using Halley.Protocol.Policies;
using Halley.Protocol.Profiles;

namespace Halley.Server.CometApi.Wire;

/// <summary>A tenant that was created or changed.</summary>
internal sealed class OrganizationResponse : CometAnswer
{
    public string ID { get; set; } = "";
    public Organization Organization { get; set; } = new();
}

/// <summary>The address at which the users of a tenant sign in.</summary>
internal sealed class OrganizationLoginURLResponse : CometDocument
{
    public string LoginURL { get; set; } = "";
}

/// <summary>A policy that was made; its hash is also its id.</summary>
internal sealed class CreateGroupPolicyResponse : CometAnswer
{
    public string PolicyHash { get; set; } = "";
}

/// <summary>A policy with the hash of its present state.</summary>
internal sealed class GetGroupPolicyResponse : CometAnswer
{
    public GroupPolicy Policy { get; set; } = new();
    public string PolicyHash { get; set; } = "";
}

/// <summary>A group with its members.</summary>
internal sealed class GetUserGroupWithUsersResponse : CometDocument
{
    public UserGroup UserGroup { get; set; } = new();
    public Dictionary<string, UserProfileConfig> Users { get; set; } = [];
}

/// <summary>A group that was made.</summary>
internal sealed class CreateUserGroupResponse : CometAnswer
{
    public string UserGroupID { get; set; } = "";
}

/// <summary>A shared limit with the hash of its present state and its use.</summary>
internal sealed class GetSharedStorageQuotaResponse : CometAnswer
{
    public SharedStorageQuota SharedStorageQuota { get; set; } = new();
    public string SharedStorageQuotaHash { get; set; } = "";
    public long CurrentUsage { get; set; }
}

/// <summary>All shared limits by id.</summary>
internal sealed class ListSharedStorageQuotaResponse : CometAnswer
{
    public Dictionary<string, SharedStorageQuota> Entries { get; set; } = [];
}

/// <summary>A shared limit that was saved.</summary>
internal sealed class SetSharedStorageQuotaResponse : CometAnswer
{
    public string SharedStorageQuotaHash { get; set; } = "";
}

/// <summary>A message shown to users.</summary>
internal sealed class NewsEntry : CometDocument
{
    /// <summary>Tenant; empty for the top level.</summary>
    public string OrganizationID { get; set; } = "";

    /// <summary>Unix seconds; 0 is never.</summary>
    public long DateTime { get; set; }

    public string TextContent { get; set; } = "";
}
