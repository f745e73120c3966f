namespace Halley.Storage;

/// <summary>
/// Limits how fast background work reads and writes: to a number of bytes a second, and to a third of its time while clients are being
/// served, so that a backup never waits for a drain or a scrub. The rate can be changed while it runs.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="isBusy">True while clients are being served.</param>
public sealed class Pace(TimeProvider time, Func<bool> isBusy)
{
    /// <summary>The largest <see cref="BlockSize"/>.</summary>
    public const int LargestBlock = 1 << 20;

    private const int PartOfTime = 3;
    private const int BlockBesideClients = 256 << 10;
    private static readonly TimeSpan LongestCredit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestSlice = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(2);
    private readonly Lock _lock = new();
    private long _start = time.GetTimestamp();
    private double _spent;
    private long _bytesSpent;
    private long? _bytesPerSecond;
    private int _workers;
    private TimeSpan _owed;

    /// <summary>True while clients are being served.</summary>
    public bool IsBusy => isBusy();

    /// <summary>
    /// How many bytes to read or write before the next <see cref="SpendAsync"/>. It is smaller while clients are served, because they may
    /// have to wait for one block.
    /// </summary>
    public int BlockSize => isBusy() ? BlockBesideClients : LargestBlock;

    /// <summary>Most bytes a second; null for no limit.</summary>
    public long? BytesPerSecond
    {
        get
        {
            lock (_lock)
            {
                return _bytesPerSecond;
            }
        }

        set
        {
            lock (_lock)
            {
                (_bytesPerSecond, _start, _spent) = (value, time.GetTimestamp(), 0);
            }
        }
    }

    /// <summary>All bytes that were read or written so far, also those of files that are not finished.</summary>
    public long BytesSpent => Interlocked.Read(ref _bytesSpent);

    /// <summary>One more works at the same time. Together they take a third of the time while clients are being served.</summary>
    public void Enter() => Interlocked.Increment(ref _workers);

    /// <summary>One less.</summary>
    public void Leave() => Interlocked.Decrement(ref _workers);

    /// <summary>Waits for the pause due after work on a number of bytes, which began at a time stamp of the clock.</summary>
    public async ValueTask SpendAsync(long bytes, long began, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Interlocked.Add(ref _bytesSpent, bytes);
        if (Owe(time.GetElapsedTime(began)) is var polite && polite > TimeSpan.Zero)
        {
            await Task.Delay(polite, time, cancellationToken);
        }

        // In slices, because the rate may be raised while this waits.
        for (var wait = WaitFor(bytes); wait > ShortestWait; wait = WaitFor(0))
        {
            await Task.Delay(wait < LongestSlice ? wait : LongestSlice, time, cancellationToken);
        }
    }

    // A pause too short to wait for is added to the next one.
    private TimeSpan Owe(TimeSpan worked)
    {
        lock (_lock)
        {
            _owed = isBusy() ? _owed + (worked * ((PartOfTime * Math.Max(1, Volatile.Read(ref _workers))) - 1)) : TimeSpan.Zero;
            var due = _owed > ShortestWait ? _owed : TimeSpan.Zero;
            _owed -= due;
            return due;
        }
    }

    private TimeSpan WaitFor(long bytes)
    {
        lock (_lock)
        {
            if (_bytesPerSecond is not { } rate)
            {
                return TimeSpan.Zero;
            }

            _spent += bytes;
            var due = TimeSpan.FromSeconds(_spent / rate);
            var passed = time.GetElapsedTime(_start);
            if (passed - due > LongestCredit)
            {
                (_start, _spent) = (time.GetTimestamp(), 0); // what was not used long ago is not made up for
            }

            return due - passed;
        }
    }
}
