namespace Halley.Protocol.Comet;

/// <summary>A limit that several vaults share.</summary>
public class SharedStorageQuota : CometDocument
{
    public string Description { get; set; } = "";

    /// <summary>Tenant; empty for the top level.</summary>
    public string OrganizationID { get; set; } = "";

    public long LimitBytes { get; set; }
}

/// <summary>A shared limit with the hash of its present state and its use.</summary>
public class GetSharedStorageQuotaResponse : CometAnswer
{
    public SharedStorageQuota SharedStorageQuota { get; set; } = new();
    public string SharedStorageQuotaHash { get; set; } = "";
    public long CurrentUsage { get; set; }
}

/// <summary>All shared limits by id.</summary>
public class ListSharedStorageQuotaResponse : CometAnswer
{
    public Dictionary<string, SharedStorageQuota> Entries { get; set; } = [];
}

/// <summary>A shared limit that was saved.</summary>
public class SetSharedStorageQuotaResponse : CometAnswer
{
    public string SharedStorageQuotaHash { get; set; } = "";
}
