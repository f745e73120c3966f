namespace Halley.Client.Agent.Connection;

/// <summary>
/// How long to wait before the next attempt to connect: longer with each failure, and different for each device, so that a fleet does not
/// come back at once.
/// </summary>
internal sealed class BackOff(Random random)
{
    private const double First = 1;
    private const double Longest = 120;
    private double _seconds = First;

    /// <summary>The wait after a failure.</summary>
    public TimeSpan Next()
    {
        var wait = Spread(TimeSpan.FromSeconds(_seconds));
        _seconds = Math.Min(_seconds * 2, Longest);
        return wait;
    }

    /// <summary>Notes that a connection has worked.</summary>
    public void Reset() => _seconds = First;

    /// <summary>A wait that somebody else has named, and up to half of it more.</summary>
    public TimeSpan Spread(TimeSpan wait) => wait * (1 + (random.NextDouble() / 2));
}
