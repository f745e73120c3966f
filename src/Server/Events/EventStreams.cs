namespace Halley.Server.Events;

/// <summary>Counts the streams that are open, so that nobody opens them without end.</summary>
internal sealed class EventStreams(EventFeed feed, EventOptions options, IHostApplicationLifetime lifetime)
{
    /// <summary>Events that wait for one listener; who is further behind is dropped.</summary>
    private const int Capacity = 2000;
    private int _open;

    /// <summary>Ends when the server stops: a stream has no other end.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>A place for a stream, to be disposed of at its end; null when there are too many.</summary>
    public IDisposable? TryEnter()
    {
        if (Interlocked.Increment(ref _open) <= options.MaxStreams)
        {
            return new Place(this);
        }

        Interlocked.Decrement(ref _open);
        return null;
    }

    public EventSubscription Subscribe(EventTenant tenant) => feed.Subscribe(tenant, Capacity);

    private sealed class Place(EventStreams streams) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                Interlocked.Decrement(ref streams._open);
            }
        }
    }
}
