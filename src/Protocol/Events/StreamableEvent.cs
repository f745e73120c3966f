using System.Text.Json;
using Halley.Protocol.Comet;

namespace Halley.Protocol.Events;

/// <summary>Something that happened, as the event stream and webhooks tell it.</summary>
public class StreamableEvent : CometDocument
{
    /// <summary>Who did it.</summary>
    public string Actor { get; set; } = "";

    public string OwnerOrganizationID { get; set; } = "";

    /// <summary>What it happened to.</summary>
    [OmitEmpty]
    public string ResourceID { get; set; } = "";

    public StreamableEventType Type { get; set; }

    /// <summary>Unix seconds.</summary>
    [OmitEmpty]
    public long Timestamp { get; set; }

    /// <summary>Name of the type.</summary>
    [OmitEmpty]
    public string TypeString { get; set; } = "";

    /// <summary>Depends on the type.</summary>
    [OmitEmpty]
    public JsonElement? Data { get; set; }
}
