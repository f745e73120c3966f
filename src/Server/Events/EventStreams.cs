using System.Security.Claims;

namespace Halley.Server.Events;

/// <summary>Limits the number of open streams, and ends each stream when its listener may no longer continue.</summary>
internal sealed class EventStreams(
    EventFeed feed, EventOptions options, ListenerMark markOf, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>How long a listener whose session has ended may still receive events.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(3);

    /// <summary>Most events that wait for one listener; a listener that is further behind is dropped.</summary>
    private const int Capacity = 2000;
    private int _open;

    /// <summary>Ends when the server stops.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>A slot for a stream, to be disposed of at its end; null if there are too many.</summary>
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

    /// <summary>
    /// The present rights of the listener. Read them before the stream is confirmed, so that every later loss of a right is noticed.
    /// </summary>
    public Task<string?> MarkAsync(ClaimsPrincipal listener, CancellationToken cancellationToken) => markOf(listener, cancellationToken);

    /// <summary>
    /// Cancels <paramref name="stream"/> within seconds after the listener's rights have changed. Returns when the stream is cancelled, for
    /// this or any other reason. Listening does not extend a session, so a stream ends with its session.
    /// </summary>
    public async Task WatchAsync(ClaimsPrincipal listener, string? began, CancellationTokenSource stream)
    {
        try
        {
            while (began is not null && await markOf(listener, stream.Token) == began)
            {
                await Task.Delay(LookAgain, time, stream.Token);
            }
        }
#pragma warning disable CA1031 // the boundary of the watch: it cannot confirm any longer that the listener has the right
        catch (Exception)
#pragma warning restore CA1031
        {
            // The listener left, the server stops, or the database is offline: the listener reconnects.
        }

        await stream.CancelAsync();
    }

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
