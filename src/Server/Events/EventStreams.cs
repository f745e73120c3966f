using System.Security.Claims;

namespace Halley.Server.Events;

/// <summary>
/// Counts the streams that are open, so that nobody opens them without end, and ends each when its listener may not go on.
/// </summary>
internal sealed class EventStreams(
    EventFeed feed, EventOptions options, ListenerMark markOf, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>How long a listener whose session has ended may still be told something.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(3);

    /// <summary>Events that wait for one listener; who is further behind is dropped.</summary>
    private const int Capacity = 2000;
    private int _open;

    /// <summary>Ends when the server stops.</summary>
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

    /// <summary>
    /// What the listener has come with. To be read before he is told that he listens: what is taken from him afterwards is then seen.
    /// </summary>
    public Task<string?> MarkAsync(ClaimsPrincipal listener, CancellationToken cancellationToken) => markOf(listener, cancellationToken);

    /// <summary>
    /// Cancels <paramref name="stream"/> within seconds after its listener has lost what he came with. Returns when the stream is
    /// cancelled, by this or by anything else; listening is no use of a session, so it ends when its time is over.
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
#pragma warning disable CA1031 // whatever happened, nobody knows any more whether he may listen
        catch (Exception)
#pragma warning restore CA1031
        {
            // He has left, the server stops, or the database is away: the listener comes again.
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
