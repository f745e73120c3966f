using Halley.Protocol.Comet;
using Halley.Protocol.Events;

namespace Halley.Protocol.Settings;

/// <summary>An address that is told about events.</summary>
public class WebhookOption : CometDocument
{
    public string URL { get; set; } = "";
    public Dictionary<string, string> CustomHeaders { get; set; } = [];

    /// <summary><c>full</c> or <c>none</c>, which leaves the data out.</summary>
    public string Level { get; set; } = "";

    /// <summary>Types that are told; empty is all.</summary>
    public List<StreamableEventType> WhiteListedEventTypes { get; set; } = [];
}

/// <summary>A file that events are written to.</summary>
public class FileOption : CometDocument
{
    public string Filename { get; set; } = "";

    [OmitEmpty]
    public List<StreamableEventType> AllowEventTypes { get; set; } = [];

    [OmitEmpty]
    public string Level { get; set; } = "";

    [OmitEmpty]
    public bool PruningEnabled { get; set; }

    [OmitEmpty]
    public long PruningLimit { get; set; }
}
