using Halley.Server.Hosting;
using Halley.Server.StorageRole.Transfers;
using Halley.Server.Tasks;
using Halley.Storage;
using Halley.Storage.Disk;
using Halley.Storage.Memory;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole.Transfers;

/// <summary>A pass between any two stores, without a server.</summary>
public sealed class TransferPassTests : IDisposable
{
    private readonly TemporaryDirectory _disk = new();
    private readonly MemoryBlobStore _source = new();
    private readonly FaultyBlobStore _faultySource;
    private readonly FaultyBlobStore _target;
    private readonly TransferJournal _journal;
    private readonly TaskRun _run = new(
        new TaskRecord
        {
            Id = Guid.NewGuid(),
            Kind = TransferKind.Word,
            Subject = "bucket",
            Parameters = "{}",
            CreatedAt = DateTime.UnixEpoch,
            CreatedBy = "a test",
        },
        new Pace(TimeProvider.System, () => false), TimeProvider.System);

    public TransferPassTests()
    {
        _faultySource = new FaultyBlobStore(_source);
        _target = new FaultyBlobStore(new DiskBlobStore(_disk["target"], FlushPolicy.None));
        _journal = TransferJournal.Open(new DataDirectory(new HalleyOptions { DataDirectory = _disk["data"] }), _run.Id);
    }

    [Fact]
    public async Task Passes_copy_what_is_missing_and_delete_only_what_they_copied()
    {
        var blobs = Enumerable.Range(0, 21).Select(i => TestBlob.Of((BlobType)(i % 7), 1000 + i, i)).DistinctBy(blob => blob.Name).ToList();
        var foreign = TestBlob.Of(BlobType.Data, 700, seed: 99);
        await foreign.PutAsync(_target);
        foreach (var blob in blobs)
        {
            await blob.PutAsync(_source);
        }

        var first = await PassAsync(isLast: false);
        var locks = blobs.Count(blob => blob.Name.Type == BlobType.Locks);
        Assert.Equal(new PassResult(blobs.Count - locks, first.Bytes, 0, 0, 0), first);
        await _source.DeleteAsync(blobs[1].Name, default);
        var last = await PassAsync(isLast: true);

        Assert.Equal((locks, 1), (last.Copied, last.Removed));
        Assert.True((await PassAsync(isLast: true)).IsEmpty);
        Assert.Null(await blobs[1].ReadAsync(_target));
        foreach (var blob in blobs.Where(blob => blob != blobs[1]))
        {
            Assert.Equal(blob.Content, await blob.ReadAsync(_target));
        }

        Assert.Equal(foreign.Content, await foreign.ReadAsync(_target));
    }

    [Fact]
    public async Task Target_that_fails_is_tried_again_and_a_file_that_cannot_be_read_is_bad()
    {
        await TestBlob.Of(BlobType.Data, 1000, seed: 1).PutAsync(_source);
        _target.FailCall(1); // the upload: without files there is nothing else that can fail
        Assert.True((await Assert.ThrowsAsync<TransferException>(() => PassAsync(isLast: false))).IsTransient);
        _target.FailCall(1, () => new BlobStoreException(BlobStoreFault.Forbidden, "No."));
        Assert.False((await Assert.ThrowsAsync<TransferException>(() => PassAsync(isLast: true))).IsTransient);

        _faultySource.FailCall(4); // the first read of the file; before it are config, an entry in a list, and the opening
        Assert.Equal(1, (await PassAsync(isLast: false)).Bad);
        Assert.Equal(1, (await PassAsync(isLast: false)).Copied);
    }

    [Fact]
    public async Task File_that_was_not_verified_is_copied_again_and_a_foreign_config_stops_it()
    {
        var blob = TestBlob.Of(BlobType.Index, 1000, seed: 1);
        await blob.PutAsync(_source);
        Assert.Equal(1, (await PassAsync(isLast: false, right: [])).Wrong);
        await _target.DeleteAsync(blob.Name, default); // as a server does with what it found wrong
        var second = await PassAsync(isLast: false);
        Assert.Equal((1, 0), (second.Copied, second.Wrong));

        await TestBlob.Of(BlobType.Config, 100, seed: 2).PutAsync(_source);
        await TestBlob.Of(BlobType.Config, 100, seed: 3).PutAsync(_target);
        Assert.Equal("target_of_another_vault", (await Assert.ThrowsAsync<TransferException>(() => PassAsync(isLast: true))).Code);
    }

    public void Dispose()
    {
        _journal.Dispose();
        _disk.Dispose();
    }

    private Task<PassResult> PassAsync(bool isLast, HashSet<BlobName>? right = null) =>
        new TransferPass(_faultySource, _target, (names, _) => Task.FromResult<IReadOnlySet<BlobName>>(right
            ?? [.. names]), _journal, _run, TimeProvider.System)
            .RunAsync(isLast, new HashSet<string>(), () => true, default);
}
