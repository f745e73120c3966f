using Halley.Storage;
using Xunit;

namespace Halley.Testing;

/// <summary>
/// The contract of <see cref="IBlobStore"/>, sentence by sentence. Every store, every decorator and the HTTP surface passes it: derive a
/// class and implement <see cref="CreateStoreAsync"/>.
/// </summary>
public abstract partial class BlobStoreConformance : IAsyncLifetime
{
    private const int LargerThanBlocks = 300_001;

    /// <summary>The collections; for theories.</summary>
    public static TheoryData<BlobType> Collections => [.. BlobName.Collections];

    /// <summary>The store under test, which is empty.</summary>
    protected IBlobStore Store { get; private set; } = null!;

    /// <summary>Makes an empty store.</summary>
    protected abstract Task<IBlobStore> CreateStoreAsync();

    /// <summary>Unfinished files that are left where the store keeps them. Looked at after every test.</summary>
    protected virtual IEnumerable<string> Leftovers() => [];

    /// <summary>Compares the outcome of an upload. A surface with coarser refusals overrides this.</summary>
    protected virtual void AssertOutcome(PutOutcome expected, PutOutcome actual) => Assert.Equal(expected, actual);

    public virtual async Task InitializeAsync() => Store = await CreateStoreAsync();

    public virtual Task DisposeAsync()
    {
        Assert.Empty(Leftovers());
        return Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Collections))]
    public async Task File_after_upload_is_found_and_read(BlobType type)
    {
        var blob = TestBlob.Of(type, 1000, seed: 1);

        var result = await Store.PutAsync(blob.Name, new MemoryStream(blob.Content), blob.Content.Length, CancellationToken.None);

        Assert.Equal(new PutResult(PutOutcome.Stored, 1000), result);
        await AssertPresentAsync(blob);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(128 * 1024 - 1)]
    [InlineData(128 * 1024)]
    [InlineData(128 * 1024 + 1)]
    [InlineData(LargerThanBlocks)]
    public async Task File_of_any_length_with_and_without_announcement_is_stored(int length)
    {
        var announced = TestBlob.Of(BlobType.Data, length, seed: length);
        var unannounced = TestBlob.Of(BlobType.Index, length, seed: length + 1);

        AssertOutcome(PutOutcome.Stored, await announced.PutAsync(Store));
        var result = await Store.PutAsync(unannounced.Name, new BodyStream(unannounced.Content, 777), null, CancellationToken.None);

        Assert.Equal(new PutResult(PutOutcome.Stored, length), result);
        await AssertPresentAsync(announced);
        await AssertPresentAsync(unannounced);
    }

    [Fact]
    public async Task Same_id_in_two_collections_is_two_files()
    {
        var data = TestBlob.Of(BlobType.Data, 10, seed: 3);
        var index = TestBlob.Of(BlobType.Index, data.Content);
        await data.PutAsync(Store);

        await AssertAbsentAsync(index);
        AssertOutcome(PutOutcome.Stored, await index.PutAsync(Store));
        await Store.DeleteAsync(data.Name, CancellationToken.None);

        await AssertPresentAsync(index);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(LargerThanBlocks)]
    public async Task Content_of_another_hash_is_refused_and_leaves_nothing(int length)
    {
        var blob = TestBlob.Of(BlobType.Data, length, seed: 4);
        var name = TestBlob.Of(BlobType.Data, 5, seed: 5).Name;

        var result = await Store.PutAsync(name, new MemoryStream(blob.Content), length, CancellationToken.None);

        AssertOutcome(PutOutcome.HashMismatch, result.Outcome);
        await AssertAbsentAsync(new TestBlob(name, []));
    }

    [Theory]
    [InlineData(1000, 1001)]
    [InlineData(1000, 999)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(LargerThanBlocks, LargerThanBlocks + 1)]
    [InlineData(LargerThanBlocks, LargerThanBlocks - 1)]
    [InlineData(LargerThanBlocks, 10)]
    public async Task Content_of_another_length_is_refused_and_leaves_nothing(int length, int announced)
    {
        var blob = TestBlob.Of(BlobType.Data, length, seed: 6);

        var result = await Store.PutAsync(blob.Name, new BodyStream(blob.Content, 50_000), announced, CancellationToken.None);

        AssertOutcome(PutOutcome.LengthMismatch, result.Outcome);
        await AssertAbsentAsync(blob);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(LargerThanBlocks)]
    public async Task Body_that_breaks_off_is_an_error_and_leaves_nothing(int after)
    {
        var blob = TestBlob.Of(BlobType.Data, after + 1, seed: 7);
        var body = BodyStream.BrokenOff(blob.Content[..after]);

        await Assert.ThrowsAnyAsync<IOException>(
            () => Store.PutAsync(blob.Name, body, blob.Content.Length, CancellationToken.None).AsTask());

        await AssertAbsentAsync(blob);
        AssertOutcome(PutOutcome.Stored, await blob.PutAsync(Store));
        await AssertPresentAsync(blob);
    }

    [Fact]
    public async Task Upload_that_is_cancelled_leaves_nothing()
    {
        var blob = TestBlob.Of(BlobType.Data, LargerThanBlocks, seed: 8);
        using var cancellationToken = new CancellationTokenSource();
        var body = new BodyStream(blob.Content[..200_000], 10_000, () =>
        {
            cancellationToken.Cancel();
            cancellationToken.Token.ThrowIfCancellationRequested();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Store.PutAsync(blob.Name, body, blob.Content.Length, cancellationToken.Token).AsTask());

        await AssertAbsentAsync(blob);
    }

    [Fact]
    public async Task Call_with_cancelled_token_does_nothing()
    {
        var blob = TestBlob.Of(BlobType.Data, 100, seed: 9);
        var other = TestBlob.Of(BlobType.Data, 100, seed: 10);
        await blob.PutAsync(Store);
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.FindAsync(blob.Name, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.OpenAsync(blob.Name, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.DeleteAsync(blob.Name, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Store.PutAsync(other.Name, new MemoryStream(other.Content), 100, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Store.ListAsync(BlobType.Data, cancelled).CountAsync(CancellationToken.None));

        await AssertPresentAsync(blob);
        await AssertAbsentAsync(other);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(LargerThanBlocks)]
    public async Task Upload_of_what_is_there_says_so(int length)
    {
        var blob = TestBlob.Of(BlobType.Data, length, seed: 11);
        await blob.PutAsync(Store);

        AssertOutcome(PutOutcome.AlreadyPresent, await blob.PutAsync(Store));

        await AssertPresentAsync(blob);
    }

    [Fact]
    public async Task Uploads_of_the_same_file_at_once_all_succeed_and_make_one_file()
    {
        var blob = TestBlob.Of(BlobType.Data, LargerThanBlocks, seed: 12);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => blob.PutAsync(Store))));

        Assert.All(outcomes, outcome => Assert.True(outcome is PutOutcome.Stored or PutOutcome.AlreadyPresent, outcome.ToString()));
        Assert.Contains(PutOutcome.Stored, outcomes);
        await AssertPresentAsync(blob);
        Assert.Single(await TestBlob.ListAsync(Store, BlobType.Data));
    }

    [Fact]
    public async Task Upload_that_fails_while_another_of_the_same_file_succeeds_does_not_harm_it()
    {
        var blob = TestBlob.Of(BlobType.Data, LargerThanBlocks, seed: 13);
        var outcome = default(PutOutcome?);
        var slow = new BodyStream(blob.Content[..1000], 1000, () =>
        {
            outcome ??= Task.Run(() => blob.PutAsync(Store)).GetAwaiter().GetResult();
            throw new IOException("The client has gone.");
        });

        await Assert.ThrowsAnyAsync<IOException>(
            () => Store.PutAsync(blob.Name, slow, blob.Content.Length, CancellationToken.None).AsTask());

        Assert.Equal(PutOutcome.Stored, outcome);
        await AssertPresentAsync(blob);
    }

    private async Task AssertPresentAsync(TestBlob blob)
    {
        Assert.Equal(blob.Content.Length, await Store.FindAsync(blob.Name, CancellationToken.None));
        Assert.Equal(blob.Content, await blob.ReadAsync(Store));
        if (blob.Name.Type != BlobType.Config)
        {
            Assert.Contains(new BlobEntry(blob.Name.Id, blob.Content.Length), await TestBlob.ListAsync(Store, blob.Name.Type));
        }
    }

    private async Task AssertAbsentAsync(TestBlob blob)
    {
        Assert.Null(await Store.FindAsync(blob.Name, CancellationToken.None));
        Assert.Null(await blob.ReadAsync(Store));
        if (blob.Name.Type != BlobType.Config)
        {
            Assert.DoesNotContain(await TestBlob.ListAsync(Store, blob.Name.Type), entry => entry.Id == blob.Name.Id);
        }

        Assert.Empty(Leftovers());
    }
}
