using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Events;
using Halley.Protocol.Settings;

namespace Halley.Server.Events;

/// <summary>Converts events to the formats of clients.</summary>
internal static class EventWire
{
    public const string WithoutData = "none";

    /// <summary>An event in the vendor's form; the level "none" leaves the data out.</summary>
    public static StreamableEvent ToComet(this EventRecord record, string level = "") => new()
    {
        Actor = record.Actor,
        OwnerOrganizationID = record.OrganizationId,
        ResourceID = record.ResourceId,
        Type = record.Type,
        Timestamp = new DateTimeOffset(record.At).ToUnixTimeSeconds(),
        TypeString = StreamableEventNames.NameOf(record.Type),
        Data = level == WithoutData ? null : DataOf(record),
    };

    public static EventInfo ToWire(this EventRecord record) => new(
        record.Sequence, new DateTimeOffset(record.At), (int)record.Type, StreamableEventNames.NameOf(record.Type), record.Actor,
            record.OrganizationId,
        record.ResourceId, DataOf(record));

    /// <summary>The greeting with which every stream begins.</summary>
    public static StreamableEvent Hello(ServerMetaVersionInfo server, DateTimeOffset now, string level = "") => new()
    {
        Type = StreamableEventType.Hello,
        Timestamp = now.ToUnixTimeSeconds(),
        TypeString = StreamableEventNames.NameOf(StreamableEventType.Hello),
        Data = level == WithoutData ? null : JsonSerializer.SerializeToElement(server, CometJson.Options),
    };

    public static byte[] ToJson(StreamableEvent record) => JsonSerializer.SerializeToUtf8Bytes(record, CometJson.Options);

    private static JsonElement? DataOf(EventRecord record) =>
        record.Data is null ? null : JsonSerializer.Deserialize<JsonElement>(record.Data);
}
