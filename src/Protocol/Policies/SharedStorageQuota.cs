using Halley.Protocol.Comet;

namespace Halley.Protocol.Policies;

/// <summary>A limit that several vaults share.</summary>
public class SharedStorageQuota : CometDocument
{
    public string Description { get; set; } = "";

    /// <summary>Tenant; empty for the top level.</summary>
    public string OrganizationID { get; set; } = "";

    public long LimitBytes { get; set; }
}
