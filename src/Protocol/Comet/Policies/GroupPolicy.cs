namespace Halley.Protocol.Comet;

/// <summary>A policy that many accounts follow.</summary>
public class GroupPolicy : CometDocument
{
    public string Description { get; set; } = "";

    /// <summary>Tenant; empty for the top level.</summary>
    public string OrganizationID { get; set; } = "";

    public UserPolicy Policy { get; set; } = new();
    public bool DefaultUserPolicy { get; set; }

    /// <summary>Unix seconds; 0 is never.</summary>
    public long CreatedDate { get; set; }

    /// <summary>Unix seconds; 0 is never.</summary>
    public long ModifiedDate { get; set; }
}

/// <summary>A policy that was made; its hash is also its id.</summary>
public class CreateGroupPolicyResponse : CometAnswer
{
    public string PolicyHash { get; set; } = "";
}

/// <summary>A policy with the hash of its present state.</summary>
public class GetGroupPolicyResponse : CometAnswer
{
    public GroupPolicy Policy { get; set; } = new();
    public string PolicyHash { get; set; } = "";
}
