using Halley.Client.Backup;
using Halley.Client.Repository;
using Halley.Client.Tests.Repository;
using Halley.Storage;
using Halley.Storage.Disk;

namespace Halley.Client.Tests.Backup;

/// <summary>A backup that a failing store ends leaves a vault that restic finds clean, and the next one goes on from there.</summary>
public sealed class InterruptedBackupTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Vault_is_clean_whatever_call_of_the_store_fails()
    {
        await using var tree = new SourceTree();
        for (var i = 0; i < 10; i++)
        {
            Directory.CreateDirectory(tree[$"d{i % 3}"]);
            await File.WriteAllBytesAsync(tree[$"d{i % 3}", $"f{i}"], TestVault.Bytes(30_000, i));
        }

        var (failures, isDone) = (0, false);
        for (var call = 1; !isDone; call++)
        {
            Assert.InRange(call, 1, 200);
            var repository = _directory[$"repository{call}"];
            var store = new FaultyBlobStore(new DiskBlobStore(repository));
            using var vault = await TestVault.CreateAsync(store, new VaultOptions { PackSize = 50_000 });
            store.FailCall(call);
            try
            {
                await VaultBackupTests.BackUpAsync(vault, tree.Path);
                isDone = true;
            }
            catch (BlobStoreException)
            {
                failures++;
            }

            store.FailCall(0);
            await VaultBackupTests.BackUpAsync(vault, tree.Path);
            Assert.Equal(10, (await TestVault.ReadAllAsync(vault)).Count);
            if (call % 4 == 1 || isDone)
            {
                using var restic = new Restic(repository, TestVault.Password);
                await restic.RunAsync("unlock", "--remove-all");
                await restic.RunAsync("check", "--read-data");
            }
        }

        Assert.True(failures > 5, $"{failures} calls failed.");
    }

    [Fact]
    public async Task Next_run_uploads_nothing_again_that_an_index_names()
    {
        await using var tree = await SourceTree.CreateAsync(21);
        var store = new FaultySnapshotStore(new DiskBlobStore(_directory["repository"]));
        using var vault = await TestVault.CreateAsync(store);
        store.IsFailing = true;
        await Assert.ThrowsAsync<BlobStoreException>(() => VaultBackupTests.BackUpAsync(vault, tree.Path));
        Assert.Empty(await TestVault.NamesAsync(store, BlobType.Snapshots));

        store.IsFailing = false;
        var result = await VaultBackupTests.BackUpAsync(vault, tree.Path);

        Assert.Equal(0ul, result.Snapshot.Summary!.DataBlobs);
        Assert.True(result.Snapshot.Summary.FilesNew > 0);
        await new Restic(_directory["repository"], TestVault.Password).RunAsync("check", "--read-data");
    }

    /// <summary>A store that takes no snapshot: the connection goes after everything else was stored.</summary>
    private sealed class FaultySnapshotStore(IBlobStore inner) : IBlobStore
    {
        public bool IsFailing { get; set; }

        public ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellationToken) => inner.FindAsync(name, cancellationToken);

        public ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellationToken) =>
            inner.OpenAsync(name, cancellationToken);

        public ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellationToken) =>
            IsFailing && name.Type == BlobType.Snapshots
                ? throw new BlobStoreException(BlobStoreFault.DiskError, "The disk reported an error.")
                : inner.PutAsync(name, content, length, cancellationToken);

        public ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellationToken) =>
            inner.DeleteAsync(name, cancellationToken);

        public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellationToken) =>
            inner.ListAsync(type, cancellationToken);
    }
}
