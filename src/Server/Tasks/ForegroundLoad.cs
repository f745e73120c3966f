namespace Halley.Server.Tasks;

/// <summary>
/// Tells whether clients are being served; background work yields while they are. The short pauses before a client's next request count as
/// well, because work that begins in one of them would delay that request.
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
