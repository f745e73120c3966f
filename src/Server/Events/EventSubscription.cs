using System.Threading.Channels;

namespace Halley.Server.Events;

/// <summary>One listener with the events it has not read yet. The queue is bounded; a listener that is too slow is dropped.</summary>
internal sealed class EventSubscription : IDisposable
{
    private readonly Channel<EventRecord> _waiting;
    private readonly Action<EventSubscription> _leave;
    private readonly EventTenant _tenant;

    public EventSubscription(EventTenant tenant, int capacity, long startsAfter, Action<EventSubscription> leave)
    {
        (_tenant, _leave, StartsAfter) = (tenant, leave, startsAfter);
        _waiting = Channel.CreateBounded<EventRecord>(capacity);
    }

    /// <summary>The last event before the subscription; the listener receives everything later.</summary>
    public long StartsAfter { get; }

    /// <summary>True if the listener was too slow: it has missed events and receives no more.</summary>
    public bool IsDropped { get; private set; }

    public ChannelReader<EventRecord> Events => _waiting.Reader;

    public void Offer(EventRecord record)
    {
        if (!IsDropped && _tenant.Contains(record.OrganizationId) && !_waiting.Writer.TryWrite(record))
        {
            IsDropped = true;
            _waiting.Writer.TryComplete();
        }
    }

    public void Dispose()
    {
        _leave(this);
        _waiting.Writer.TryComplete();
    }
}
