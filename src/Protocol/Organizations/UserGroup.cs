using Halley.Protocol.Comet;

namespace Halley.Protocol.Organizations;

/// <summary>A named group of accounts.</summary>
public class UserGroup : CometDocument
{
    /// <summary>Unix seconds; 0 is never.</summary>
    public long CreatedAt { get; set; }

    /// <summary>Tenant; empty for the top level.</summary>
    public string OrganizationID { get; set; } = "";

    public string Name { get; set; } = "";
}
