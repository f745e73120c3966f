namespace Halley.Server.Tasks;

/// <summary>How many requests of clients are being served right now; background work steps back while there are any.</summary>
internal sealed class ForegroundLoad
{
    private int _requests;

    public bool IsBusy => Volatile.Read(ref _requests) > 0;

    public void Enter() => Interlocked.Increment(ref _requests);

    public void Leave() => Interlocked.Decrement(ref _requests);
}
