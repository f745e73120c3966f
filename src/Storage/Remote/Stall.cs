namespace Halley.Storage.Remote;

/// <summary>Cancels an exchange that makes no progress, however long it may take as a whole.</summary>
internal sealed class Stall : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly CancellationTokenSource _stalled;
    private readonly CancellationTokenSource _either;

    public Stall(TimeProvider time, CancellationToken cancellationToken)
    {
        _stalled = new CancellationTokenSource(Patience, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_stalled.Token, cancellationToken);
    }

    public CancellationToken Token => _either.Token;

    /// <summary>Something came or went: the time starts again.</summary>
    public void Touch() => _stalled.CancelAfter(Patience);

    /// <summary>Stops the timer until the next <see cref="Touch"/>, because nothing waits for the server now.</summary>
    public void Rest() => _stalled.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _either.Dispose();
        _stalled.Dispose();
    }
}
