using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Events;
using Halley.Server.Access;

namespace Halley.Server.Events;

/// <summary>
/// Reads the object that events of some of the vendor's types are about. It is sent with them and not stored: a profile of megabytes in
/// every event about it would fill the database.
/// </summary>
internal abstract class EventObject
{
    public abstract IReadOnlyCollection<StreamableEventType> Types { get; }

    /// <summary>The object as it is now; null if it is gone.</summary>
    public abstract Task<CometDocument?> ReadAsync(EventRecord record, CancellationToken cancellationToken);
}

/// <summary>Converts events to the vendor's form together with the objects they are about, without any secret in them.</summary>
internal sealed class EventObjects(IEnumerable<EventObject> objects)
{
    private readonly Dictionary<StreamableEventType, EventObject> _byType =
        objects.SelectMany(one => one.Types.Select(type => (type, one))).ToDictionary(pair => pair.type, pair => pair.one);

    /// <summary>The level "none" leaves the data out.</summary>
    public async Task<StreamableEvent> ToCometAsync(EventRecord record, string level, CancellationToken cancellationToken)
    {
        var told = record.ToComet(level);
        if (level != EventWire.WithoutData && _byType.GetValueOrDefault(record.Type) is { } kind
            && await kind.ReadAsync(record, cancellationToken) is { } found)
        {
            told.Data = JsonSerializer.SerializeToElement(DocumentSecrets.Without(found), found.GetType(), CometJson.Options);
        }

        return told;
    }
}
