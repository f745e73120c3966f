using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Halley.Storage.Memory;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Storage.Tests;

public sealed class MeteredBlobStoreTests
{
    [Fact]
    public async Task Calls_bytes_and_failures_are_counted_by_operation_and_nothing_else()
    {
        var measured = new ConcurrentBag<(string Instrument, double Value, string Tags)>();
        var caller = new AsyncLocal<bool> { Value = true };
        using var listener = new MeterListener { InstrumentPublished = (instrument, listener) => Enable(instrument, listener) };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();
        var faulty = new FaultyBlobStore(new MemoryBlobStore());
        var store = new MeteredBlobStore(faulty, new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(2) });
        var blob = TestBlob.Of(BlobType.Data, 1000, seed: 1);

        await blob.PutAsync(store);
        await blob.ReadAsync(store);
        await TestBlob.ListAsync(store, BlobType.Data);
        faulty.FailCall(1);
        await Assert.ThrowsAsync<BlobStoreException>(async () => await store.FindAsync(blob.Name, CancellationToken.None));
        await store.DeleteAsync(blob.Name, CancellationToken.None);

        string[] operations = ["delete", "find", "list", "open", "put"];
        Assert.Equal(operations, Of("halley.storage.operations").Select(entry => entry.Tags).Order());
        Assert.Equal([("find", 1.0)], Of("halley.storage.failures"));
        Assert.Equal([("open", 1000.0), ("put", 1000.0)], Of("halley.storage.bytes").Order());
        Assert.Equal(operations.Select(operation => (operation, 2.0)), Of("halley.storage.duration").Order());

        IEnumerable<(string Tags, double Value)> Of(string instrument) =>
            measured.Where(entry => entry.Instrument == instrument).Select(entry => (entry.Tags, entry.Value));

        // Tests that run at the same time use the same meter: only what this one causes counts.
        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (caller.Value)
            {
                measured.Add(
                    (instrument.Name, value, string.Join(',', tags.ToArray().Select(tag => tag.Key == "operation" ? tag.Value : tag.Key))));
            }
        }
    }

    private static void Enable(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name == MeteredBlobStore.MeterName)
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }
}
