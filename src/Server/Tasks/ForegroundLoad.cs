namespace Halley.Server.Tasks;

/// <summary>
/// Whether clients are being served; background work steps back while they are. The short pauses in which a client makes its next request count too:
/// whoever began something large in one of them would be in the way of that request.
/// </summary>
internal sealed class ForegroundLoad(TimeProvider time)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);
    private int _requests;
    private long _lastLeft = time.GetTimestamp();

    public bool IsBusy => Volatile.Read(ref _requests) > 0 || time.GetElapsedTime(Volatile.Read(ref _lastLeft)) < LongestPause;

    public void Enter() => Interlocked.Increment(ref _requests);

    public void Leave()
    {
        Volatile.Write(ref _lastLeft, time.GetTimestamp());
        Interlocked.Decrement(ref _requests);
    }
}
