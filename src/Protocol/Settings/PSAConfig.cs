using Halley.Protocol.Comet;

namespace Halley.Protocol.Settings;

/// <summary>A business system that is told about usage.</summary>
public class PSAConfig : CometDocument
{
    public bool AlertsDisabled { get; set; }

    [OmitEmpty]
    public Dictionary<string, string> CustomHeaders { get; set; } = [];

    [OmitEmpty]
    public string PartnerKey { get; set; } = "";

    public long Type { get; set; }
    public string URL { get; set; } = "";
    public PSAGroupedBy GroupedBy { get; set; } = new();
}

/// <summary>How usage is grouped for a business system.</summary>
public class PSAGroupedBy : CometDocument
{
    public bool Users { get; set; }
    public bool Tenants { get; set; }
    public bool AccountName { get; set; }
}
