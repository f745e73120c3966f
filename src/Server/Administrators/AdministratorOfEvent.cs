using Halley.Protocol.Comet;
using Halley.Protocol.Events;
using Halley.Server.Events;

namespace Halley.Server.Administrators;

/// <summary>The administrator in events about a new one.</summary>
internal sealed class AdministratorOfEvent(AdministratorStore store) : EventObject
{
    public override IReadOnlyCollection<StreamableEventType> Types { get; } = [StreamableEventType.AdminNew];

    public override async Task<CometDocument?> ReadAsync(EventRecord record, CancellationToken cancellationToken) =>
        await store.FindAsync(record.ResourceId, cancellationToken) is { } administrator ? AdministratorWire.Of(administrator) : null;
}
