using Halley.Protocol.Comet;

namespace Halley.Protocol.Policies;

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
