using Halley.Storage;
using Xunit;

namespace Halley.Testing;

// config, ranges, deletes and listings
public abstract partial class BlobStoreConformance
{
    [Fact]
    public async Task Config_is_stored_whatever_its_hash_and_found_again()
    {
        var config = TestBlob.Of(BlobType.Config, 155, seed: 20);

        AssertOutcome(PutOutcome.Stored, await config.PutAsync(Store));

        await AssertPresentAsync(config);
    }

    [Fact]
    public async Task Config_that_is_equal_is_there_already_and_another_one_conflicts_and_the_old_one_stays()
    {
        var config = TestBlob.Of(BlobType.Config, LargerThanBlocks, seed: 21);
        await config.PutAsync(Store);

        AssertOutcome(PutOutcome.AlreadyPresent, await config.PutAsync(Store));
        AssertOutcome(PutOutcome.Conflict, await TestBlob.Of(BlobType.Config, LargerThanBlocks, seed: 22).PutAsync(Store));
        AssertOutcome(PutOutcome.Conflict, await TestBlob.Of(BlobType.Config, 1, seed: 23).PutAsync(Store));

        await AssertPresentAsync(config);
    }

    [Fact]
    public async Task Config_that_is_empty_is_refused()
    {
        var config = TestBlob.Of(BlobType.Config, []);

        AssertOutcome(PutOutcome.HashMismatch, await config.PutAsync(Store));

        await AssertAbsentAsync(config);
    }

    [Fact]
    public async Task Config_that_is_cut_is_refused_and_leaves_nothing()
    {
        var config = TestBlob.Of(BlobType.Config, 155, seed: 24);

        var result = await Store.PutAsync(config.Name, new MemoryStream(config.Content, 0, 100), 155, CancellationToken.None);

        AssertOutcome(PutOutcome.LengthMismatch, result.Outcome);
        await AssertAbsentAsync(config);
    }

    [Fact]
    public async Task Config_after_delete_can_be_another_one()
    {
        await TestBlob.Of(BlobType.Config, 100, seed: 25).PutAsync(Store);
        var next = TestBlob.Of(BlobType.Config, 120, seed: 26);

        Assert.Equal(100, await Store.DeleteAsync(BlobName.Config, CancellationToken.None));
        AssertOutcome(PutOutcome.Stored, await next.PutAsync(Store));

        await AssertPresentAsync(next);
    }

    [Fact]
    public async Task Configs_that_differ_and_come_at_once_have_one_winner()
    {
        var configs = Enumerable.Range(0, 8).Select(i => TestBlob.Of(BlobType.Config, 155, seed: 30 + i)).ToArray();

        var outcomes = await Task.WhenAll(configs.Select(config => Task.Run(() => config.PutAsync(Store))));

        var winner = Assert.Single(configs.Where((_, i) => outcomes[i] == PutOutcome.Stored));
        Assert.Equal(7, outcomes.Count(outcome => outcome == PutOutcome.Conflict));
        await AssertPresentAsync(winner);
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(0, 1000, 1000)]
    [InlineData(0, 2000, 1000)]
    [InlineData(999, 1, 1)]
    [InlineData(999, 2, 1)]
    [InlineData(500, 100, 100)]
    [InlineData(1000, 1, 0)]
    [InlineData(5000, 10, 0)]
    [InlineData(10, 0, 0)]
    public async Task Range_gives_what_is_there_and_less_only_at_the_end(int offset, int wanted, int expected)
    {
        var blob = TestBlob.Of(BlobType.Data, 1000, seed: 40);
        await blob.PutAsync(Store);
        using var reader = await Store.OpenAsync(blob.Name, CancellationToken.None);
        var buffer = new byte[wanted];

        var read = await reader!.ReadAsync(offset, buffer, CancellationToken.None);

        Assert.Equal(1000, reader.Length);
        Assert.Equal(expected, read);
        Assert.Equal(blob.Content.Skip(offset).Take(wanted), buffer.Take(read));
    }

    [Fact]
    public async Task Range_of_empty_file_is_empty()
    {
        var blob = TestBlob.Of(BlobType.Data, []);
        await blob.PutAsync(Store);
        using var reader = await Store.OpenAsync(blob.Name, CancellationToken.None);

        Assert.Equal(0, reader!.Length);
        Assert.Equal(0, await reader.ReadAsync(0, new byte[10], CancellationToken.None));
    }

    [Fact]
    public async Task Ranges_read_at_once_do_not_disturb_each_other()
    {
        var blob = TestBlob.Of(BlobType.Data, LargerThanBlocks, seed: 41);
        await blob.PutAsync(Store);
        using var reader = await Store.OpenAsync(blob.Name, CancellationToken.None);

        await Parallel.ForAsync(0, 64, async (i, cancellationToken) =>
        {
            var buffer = new byte[3000];
            Assert.Equal(3000, await reader!.ReadAsync(i * 4000, buffer, cancellationToken));
            Assert.True(buffer.AsSpan().SequenceEqual(blob.Content.AsSpan(i * 4000, 3000)));
        });
    }

    [Fact]
    public async Task Reader_with_cancelled_token_gives_up()
    {
        var blob = TestBlob.Of(BlobType.Data, 1000, seed: 42);
        await blob.PutAsync(Store);
        using var reader = await Store.OpenAsync(blob.Name, CancellationToken.None);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await reader!.ReadAsync(0, new byte[10], new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Reader_survives_the_delete_of_its_file()
    {
        var blob = TestBlob.Of(BlobType.Data, LargerThanBlocks, seed: 43);
        await blob.PutAsync(Store);
        using var reader = await Store.OpenAsync(blob.Name, CancellationToken.None);

        await Store.DeleteAsync(blob.Name, CancellationToken.None);

        Assert.Equal(blob.Content, await TestBlob.ReadAsync(reader!));
    }

    [Fact]
    public async Task Delete_tells_the_length_once_and_then_that_there_is_none()
    {
        var blob = TestBlob.Of(BlobType.Snapshots, 321, seed: 44);
        await blob.PutAsync(Store);

        Assert.Equal(321, await Store.DeleteAsync(blob.Name, CancellationToken.None));
        await AssertAbsentAsync(blob);
        Assert.Null(await Store.DeleteAsync(blob.Name, CancellationToken.None));

        AssertOutcome(PutOutcome.Stored, await blob.PutAsync(Store));
        await AssertPresentAsync(blob);
    }

    [Fact]
    public async Task Deletes_of_the_same_file_at_once_leave_none()
    {
        var blob = TestBlob.Of(BlobType.Locks, 321, seed: 45);
        await blob.PutAsync(Store);

        var deleted = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await Store.DeleteAsync(blob.Name, CancellationToken.None))));

        Assert.Contains(321, deleted);
        await AssertAbsentAsync(blob);
    }

    [Theory]
    [MemberData(nameof(Collections))]
    public async Task List_of_what_never_had_a_file_is_empty(BlobType type)
    {
        await TestBlob.Of(type == BlobType.Data ? BlobType.Index : BlobType.Data, 10, seed: 46).PutAsync(Store);

        Assert.Empty(await TestBlob.ListAsync(Store, type));
    }

    [Theory]
    [MemberData(nameof(Collections))]
    public async Task List_has_every_file_once_with_its_length(BlobType type)
    {
        var blobs = Enumerable.Range(0, 60).Select(i => TestBlob.Of(type, i, seed: 100 + i)).ToList();
        foreach (var blob in blobs)
        {
            await blob.PutAsync(Store);
        }

        await Store.DeleteAsync(blobs[7].Name, CancellationToken.None);
        blobs.RemoveAt(7);

        Assert.Equal(
            blobs.Select(blob => new BlobEntry(blob.Name.Id, blob.Content.Length)).OrderBy(entry => entry.Id, StringComparer.Ordinal),
            (await TestBlob.ListAsync(Store, type)).OrderBy(entry => entry.Id, StringComparer.Ordinal));
    }

    [Fact]
    public async Task List_of_config_is_refused() =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => TestBlob.ListAsync(Store, BlobType.Config));

    [Fact]
    public async Task List_that_is_cancelled_ends()
    {
        for (var i = 0; i < 20; i++)
        {
            await TestBlob.Of(BlobType.Data, 10, seed: 200 + i).PutAsync(Store);
        }

        using var cancellationToken = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in Store.ListAsync(BlobType.Data, cancellationToken.Token))
            {
                await cancellationToken.CancelAsync();
            }
        });
    }

    [Fact]
    public async Task List_while_files_come_and_go_has_every_file_that_stays()
    {
        var staying = Enumerable.Range(0, 30).Select(i => TestBlob.Of(BlobType.Locks, 50, seed: 300 + i)).ToList();
        foreach (var blob in staying)
        {
            await blob.PutAsync(Store);
        }

        using var stop = new CancellationTokenSource();
        var busy = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var blob = TestBlob.Of(BlobType.Locks, 60, seed: 1000 + i);
                await blob.PutAsync(Store);
                await Store.DeleteAsync(blob.Name, CancellationToken.None);
            }
        });

        for (var i = 0; i < 20; i++)
        {
            var listed = await TestBlob.ListAsync(Store, BlobType.Locks);
            Assert.All(staying, blob => Assert.Single(listed, entry => entry.Id == blob.Name.Id && entry.Length == 50));
            Assert.Equal(listed.Count, listed.DistinctBy(entry => entry.Id).Count());
        }

        await stop.CancelAsync();
        await busy;
    }
}
