using System.Runtime.CompilerServices;

namespace Halley.Storage;

/// <summary>How often and for how long a call is retried.</summary>
public sealed record RetryOptions
{
    /// <summary>Longest pause after the first failure; each one after it is twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause of all.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A call that has failed for this long is not retried again.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Seed of the random pauses: when a server returns, its many clients must not all retry in the same second.</summary>
    public int Seed { get; init; } = Environment.ProcessId;

    /// <summary>Called before each retry, with the failure and the pause.</summary>
    public Action<BlobStoreException, TimeSpan>? OnRetry { get; init; }
}

/// <summary>
/// Retries the calls of another store that failed for a reason that may pass. That is safe for each member. A file's content matches its
/// name, so an upload whose response was lost finds its file present, and a deleted file stays deleted. Failures that no retry can cure
/// are thrown at once; <see cref="BlobStoreException.IsTransient"/> tells them apart.
/// </summary>
/// <remarks>
/// A deletion that is retried after a lost response returns null although it deleted a file. An upload is retried only when its content
/// can seek.
/// </remarks>
/// <param name="inner">The store that does the work.</param>
/// <param name="time">The clock.</param>
/// <param name="options">How often; null for the defaults.</param>
public sealed class RetryingBlobStore(IBlobStore inner, TimeProvider time, RetryOptions? options = null) : IBlobStore
{
    private readonly RetryOptions _options = options ?? new RetryOptions();
    private readonly Random _chance = new((options ?? new RetryOptions()).Seed);

    /// <inheritdoc/>
    public ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellationToken) =>
        RunAsync(() => inner.FindAsync(name, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellationToken) =>
        await RunAsync(() => inner.OpenAsync(name, cancellationToken), cancellationToken) is { } reader
            ? new RetryingReader(this, name, reader)
            : null;

    /// <inheritdoc/>
    public ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellationToken)
    {
        if (!content.CanSeek)
        {
            return inner.PutAsync(name, content, length, cancellationToken);
        }

        var start = content.Position;
        return RunAsync(
            () =>
            {
                content.Position = start;
                return inner.PutAsync(name, content, length, cancellationToken);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellationToken) =>
        RunAsync(() => inner.DeleteAsync(name, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellationToken) =>
        ListAgainAsync(inner.ListAsync(type, cancellationToken), cancellationToken);

    // A listing that breaks off starts again from the beginning and skips the files that it has already returned.
    private async IAsyncEnumerable<BlobEntry> ListAgainAsync(
        IAsyncEnumerable<BlobEntry> list, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var given = new HashSet<(UInt128, UInt128)>();
        var attempts = new Attempts(this);
        while (true)
        {
            await using var entries = list.GetAsyncEnumerator(cancellationToken);
            while (await attempts.TryAsync(entries.MoveNextAsync, cancellationToken) is { } hasNext)
            {
                if (!hasNext)
                {
                    yield break;
                }

                if (given.Add(KeyOf(entries.Current.Id)))
                {
                    yield return entries.Current;
                }
            }
        }
    }

    private async ValueTask<T> RunAsync<T>(Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        var attempts = new Attempts(this);
        while (true)
        {
            try
            {
                return await call();
            }
            catch (BlobStoreException error) when (error.IsTransient)
            {
                await attempts.PauseAsync(error, cancellationToken);
            }
        }
    }

    private double Chance()
    {
        lock (_chance)
        {
            return _chance.NextDouble();
        }
    }

    private static (UInt128 High, UInt128 Low) KeyOf(string id) =>
        (UInt128.Parse(id.AsSpan(0, 32), System.Globalization.NumberStyles.AllowHexSpecifier, null),
         UInt128.Parse(id.AsSpan(32), System.Globalization.NumberStyles.AllowHexSpecifier, null));

    /// <summary>The failures of one call.</summary>
    private sealed class Attempts(RetryingBlobStore store)
    {
        private int _failures;
        private long _since;

        /// <summary>Null when the call failed and is to be begun again.</summary>
        public async ValueTask<T?> TryAsync<T>(Func<ValueTask<T>> call, CancellationToken cancellationToken)
            where T : struct
        {
            try
            {
                return await call();
            }
            catch (BlobStoreException error) when (error.IsTransient)
            {
                await PauseAsync(error, cancellationToken);
                return null;
            }
        }

        /// <summary>Waits before the next attempt; throws the error when no attempt is left.</summary>
        public async ValueTask PauseAsync(BlobStoreException error, CancellationToken cancellationToken)
        {
            var clock = store.Clock;
            _since = _failures == 0 ? clock.GetTimestamp() : _since;
            var options = store._options;
            var longest = TimeSpan.FromTicks((long)Math.Min(options.FirstPause.Ticks * Math.Pow(2, _failures), options.LongestPause.Ticks));
            var pause = longest * (0.5 + (store.Chance() / 2));
            if (clock.GetElapsedTime(_since) + pause > options.GiveUpAfter)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
            }

            _failures++;
            options.OnRetry?.Invoke(error, pause);
            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    private TimeProvider Clock => time;

    /// <summary>Opens the file again when reading fails: a connection that broke stays broken.</summary>
    private sealed class RetryingReader(RetryingBlobStore store, BlobName name, BlobReader first) : BlobReader
    {
        private BlobReader _current = first;

        public override long Length { get; } = first.Length;

        public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var isFirst = true;
            return store.RunAsync(
                async () =>
                {
                    if (!isFirst)
                    {
                        await ReopenAsync(cancellationToken);
                    }

                    isFirst = false;
                    return await _current.ReadAsync(offset, buffer, cancellationToken);
                },
                cancellationToken);
        }

        protected override void Dispose(bool disposing) => _current.Dispose();

        // A file that was deleted meanwhile can still be read by a reader that has it open.
        private async ValueTask ReopenAsync(CancellationToken cancellationToken)
        {
            if (await store.Inner.OpenAsync(name, cancellationToken) is not { } reader)
            {
                return;
            }

            if (reader.Length != Length)
            {
                reader.Dispose();
                return;
            }

            _current.Dispose();
            _current = reader;
        }
    }

    private IBlobStore Inner => inner;
}
