namespace Halley.Protocol.Comet;

/// <summary>A named group of accounts.</summary>
public class UserGroup : CometDocument
{
    /// <summary>Unix seconds; 0 is never.</summary>
    public long CreatedAt { get; set; }

    /// <summary>Tenant; empty for the top level.</summary>
    public string OrganizationID { get; set; } = "";

    public string Name { get; set; } = "";
}

/// <summary>A group with its members.</summary>
public class GetUserGroupWithUsersResponse : CometDocument
{
    public UserGroup UserGroup { get; set; } = new();
    public Dictionary<string, UserProfileConfig> Users { get; set; } = [];
}

/// <summary>A group that was made.</summary>
public class CreateUserGroupResponse : CometAnswer
{
    public string UserGroupID { get; set; } = "";
}
