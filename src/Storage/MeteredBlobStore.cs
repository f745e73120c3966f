using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Halley.Storage;

/// <summary>
/// Counts and times the operations of another store, in the meter <see cref="MeterName"/>. The only tag is the operation: names of buckets
/// and files are private to their owner, and there would be too many.
/// </summary>
/// <param name="inner">The store that does the work.</param>
/// <param name="time">The clock.</param>
public sealed class MeteredBlobStore(IBlobStore inner, TimeProvider time) : IBlobStore
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Halley.Storage";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Operations = Meter.CreateCounter<long>(
        "halley.storage.operations", "{operation}", "Calls that ended, well or not.");
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "halley.storage.failures", "{operation}", "Calls that ended with an exception other than a cancellation.");
    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>(
        "halley.storage.bytes", "By", "Content that was read or taken in.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "halley.storage.duration", "s", "How long a call took.", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60] });

    /// <inheritdoc/>
    public ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellationToken) =>
        MeasureAsync("find", () => inner.FindAsync(name, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellationToken) =>
        await MeasureAsync("open", () => inner.OpenAsync(name, cancellationToken)) is { } reader ? new MeteredReader(reader) : null;

    /// <inheritdoc/>
    public async ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellationToken)
    {
        var result = await MeasureAsync("put", () => inner.PutAsync(name, content, length, cancellationToken));
        Bytes.Add(result.Length, Operation("put"));
        return result;
    }

    /// <inheritdoc/>
    public ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellationToken) =>
        MeasureAsync("delete", () => inner.DeleteAsync(name, cancellationToken));

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellationToken) =>
        MeasureListAsync(inner.ListAsync(type, cancellationToken), cancellationToken);

    private async IAsyncEnumerable<BlobEntry> MeasureListAsync(
        IAsyncEnumerable<BlobEntry> list, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        await using var entries = list.GetAsyncEnumerator(cancellationToken);
        try
        {
            while (await MoveNextAsync(entries))
            {
                yield return entries.Current;
            }
        }
        finally
        {
            End("list", start);
        }
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<BlobEntry> entries)
    {
        try
        {
            return await entries.MoveNextAsync();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Failures.Add(1, Operation("list"));
            throw;
        }
    }

    private async ValueTask<TResult> MeasureAsync<TResult>(string operation, Func<ValueTask<TResult>> call)
    {
        var start = time.GetTimestamp();
        try
        {
            return await call();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Failures.Add(1, Operation(operation));
            throw;
        }
        finally
        {
            End(operation, start);
        }
    }

    private void End(string operation, long start)
    {
        Operations.Add(1, Operation(operation));
        Duration.Record(time.GetElapsedTime(start).TotalSeconds, Operation(operation));
    }

    private static KeyValuePair<string, object?> Operation(string name) => new("operation", name);

    private sealed class MeteredReader(BlobReader inner) : BlobReader
    {
        public override long Length => inner.Length;

        public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var read = await inner.ReadAsync(offset, buffer, cancellationToken);
            Bytes.Add(read, Operation("open"));
            return read;
        }

        protected override void Dispose(bool disposing) => inner.Dispose();
    }
}
