using Halley.Protocol.Comet;
using Halley.Protocol.Events;
using Halley.Server.Events;

namespace Halley.Server.Organizations;

/// <summary>The organization's document in events about a new or changed one.</summary>
internal sealed class OrganizationOfEvent(OrganizationCache cache) : EventObject
{
    public override IReadOnlyCollection<StreamableEventType> Types { get; } =
        [StreamableEventType.TenantNew, StreamableEventType.TenantUpdated];

    public override Task<CometDocument?> ReadAsync(EventRecord record, CancellationToken cancellationToken) =>
        Task.FromResult<CometDocument?>(cache.Find(record.ResourceId)?.Document);
}
