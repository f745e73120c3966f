using System.Text.Json;
using System.Text.Json.Serialization;

namespace Halley.Protocol.Comet;

/// <summary>
/// A document of the vendor's API. Fields that are not known here survive a round trip, because clients of a newer version may have
/// written them.
/// </summary>
public abstract class CometDocument
{
    /// <summary>Fields that this version does not know; null when there are none.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? FurtherFields { get; set; }
}

/// <summary>A document that also says how the call ended.</summary>
public abstract class CometAnswer : CometDocument
{
    /// <summary>Always 200; a call that fails sends only its status and message.</summary>
    [JsonPropertyOrder(-2)]
    public int Status { get; set; } = 200;

    /// <summary>"OK", or what a device says that its answer lacks.</summary>
    [JsonPropertyOrder(-1)]
    public string Message { get; set; } = "OK";
}

/// <summary>Left out of the document when it is 0, false, null or has no elements.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OmitEmptyAttribute : Attribute;
