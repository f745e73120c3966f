using Halley.Storage;
using Halley.Storage.Memory;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Client.Tests.Repository;

public sealed class RetryingBlobStoreConforms : BlobStoreConformance
{
    protected override Task<IBlobStore> CreateStoreAsync() =>
        Task.FromResult<IBlobStore>(new RetryingBlobStore(new MemoryBlobStore(), TimeProvider.System));
}

public class RetryingBlobStoreTests
{
    private static readonly TestBlob Blob = TestBlob.Of(BlobType.Data, 100, seed: 1);

    private readonly FakeTimeProvider _time = new();
    private readonly List<TimeSpan> _pauses = [];
    private readonly MemoryBlobStore _inner = new();

    [Fact]
    public async Task Upload_whose_answer_was_lost_is_no_error()
    {
        var store = Over(new StumblingStore(_inner, failures: 1, isAnswerLost: true));

        var result = await store.PutAsync(Blob.Name, new MemoryStream(Blob.Content), Blob.Content.Length, CancellationToken.None);

        Assert.Equal(PutOutcome.AlreadyPresent, result.Outcome);
        Assert.Equal(Blob.Content, await Blob.ReadAsync(_inner));
    }

    [Fact]
    public async Task Deletion_whose_answer_was_lost_is_no_error()
    {
        await Blob.PutAsync(_inner);
        var store = Over(new StumblingStore(_inner, failures: 1, isAnswerLost: true));

        await store.DeleteAsync(Blob.Name, CancellationToken.None);

        Assert.Null(await Blob.ReadAsync(_inner));
    }

    [Fact]
    public async Task Each_call_is_repeated_until_it_works()
    {
        await Blob.PutAsync(_inner);
        Assert.Equal(100, await Over(new StumblingStore(_inner, 3)).FindAsync(Blob.Name, CancellationToken.None));
        using var reader = await Over(new StumblingStore(_inner, 3)).OpenAsync(Blob.Name, CancellationToken.None);
        Assert.Equal(100, reader!.Length);
        Assert.Equal(100, await Over(new StumblingStore(_inner, 3)).DeleteAsync(Blob.Name, CancellationToken.None));
        Assert.Equal(9, _pauses.Count);
    }

    [Fact]
    public async Task Pauses_grow_with_a_chance_in_them_until_it_gives_up()
    {
        var store = Over(new StumblingStore(_inner, int.MaxValue));

        await Assert.ThrowsAsync<BlobStoreException>(() => store.FindAsync(Blob.Name, CancellationToken.None).AsTask());

        Assert.InRange(_pauses.Count, 10, 100);
        for (var i = 0; i < _pauses.Count; i++)
        {
            var longest = TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, i)));
            Assert.InRange(_pauses[i], longest / 2, longest);
        }

        Assert.InRange(_pauses.Sum(pause => pause.TotalMinutes), 14, 15);
        Assert.Equal(_pauses.Count, _pauses.Distinct().Count());
    }

    [Fact]
    public async Task Refusal_is_not_repeated()
    {
        var refused = new BlobStoreException(BlobStoreFault.Forbidden, "The key may not.");
        var denied = new BlobStoreException(BlobStoreFault.DiskError, "The disk reported an error.", new UnauthorizedAccessException());
        foreach (var error in new[] { refused, denied })
        {
            var store = Over(new StumblingStore(_inner, 1, error: error));

            var thrown = await Assert.ThrowsAsync<BlobStoreException>(() => store.FindAsync(Blob.Name, CancellationToken.None).AsTask());

            Assert.Same(error, thrown);
            Assert.Empty(_pauses);
        }
    }

    [Fact]
    public async Task Reading_goes_on_where_it_broke_off()
    {
        var large = TestBlob.Of(BlobType.Data, 10_000, seed: 2);
        await large.PutAsync(_inner);
        var faulty = new FaultyBlobStore(_inner);
        var store = Over(faulty);
        using var reader = await store.OpenAsync(large.Name, CancellationToken.None);
        for (var offset = 0; offset < 10_000; offset += 1000)
        {
            var part = new byte[1000];
            faulty.FailCall(1);

            Assert.Equal(1000, await reader!.ReadAsync(offset, part, CancellationToken.None));
            Assert.Equal(large.Content[offset..(offset + 1000)], part);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(20)]
    public async Task Listing_that_breaks_off_names_each_file_once(int failingStep)
    {
        var blobs = Enumerable.Range(0, 20).Select(i => TestBlob.Of(BlobType.Index, 10, i)).ToList();
        blobs.ForEach(blob => blob.PutAsync(_inner).GetAwaiter().GetResult());
        var faulty = new FaultyBlobStore(_inner);
        faulty.FailCall(failingStep);

        var listed = await TestBlob.ListAsync(Over(faulty), BlobType.Index);

        Assert.Equal(
            blobs.Select(blob => blob.Name.Id).Order(StringComparer.Ordinal),
            listed.Select(entry => entry.Id).Order(StringComparer.Ordinal));
        Assert.Single(_pauses);
    }

    [Fact]
    public async Task Cancellation_ends_the_pause()
    {
        using var cancellation = new CancellationTokenSource();
        var call = new RetryingBlobStore(new StumblingStore(_inner, int.MaxValue), _time).FindAsync(Blob.Name, cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private RetryingBlobStore Over(IBlobStore store) => new(
        store, new ImpatientClock(_time, TimeSpan.FromHours(1)), new RetryOptions { Seed = 1, OnRetry = (_, pause) => _pauses.Add(pause) });

    private sealed class StumblingStore(
        IBlobStore inner, int failures, bool isAnswerLost = false, BlobStoreException? error = null) : IBlobStore
    {
        private int _left = failures;

        public ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellation) =>
            RunAsync(() => inner.FindAsync(name, cancellation));

        public ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellation) =>
            RunAsync(() => inner.OpenAsync(name, cancellation));

        public ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellation) =>
            RunAsync(() => inner.PutAsync(name, content, length, cancellation));

        public ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellation) =>
            RunAsync(() => inner.DeleteAsync(name, cancellation));

        public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellation) => inner.ListAsync(type, cancellation);

        private async ValueTask<T> RunAsync<T>(Func<ValueTask<T>> call)
        {
            if (_left <= 0)
            {
                return await call();
            }

            _left--;
            if (isAnswerLost)
            {
                await call();
            }

            throw error ?? new BlobStoreException(BlobStoreFault.Offline, "The connection broke.");
        }
    }
}
