using Halley.Client.Copy;
using Halley.Client.Repository;
using Halley.Client.Tests.Backup;
using Halley.Client.Tests.Prune;
using Halley.Client.Tests.Repository;
using Halley.Storage;
using Halley.Storage.Disk;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Copy;

/// <summary>Snapshots are copied whole, once, and under another key; restic agrees on what a copy is.</summary>
public sealed class VaultCopyTests
{
    [Fact]
    public async Task Copies_are_whole_and_nothing_is_copied_twice()
    {
        using var random = await RandomVault.CreateAsync(new MemoryBlobStore(), seed: 1, snapshots: 4);
        var store = new MemoryBlobStore();
        using var target = await CreateTargetAsync(random.Vault, store);

        var first = await CopyAsync(random.Vault, target, count: 2);
        var packs = (await TestVault.NamesAsync(store, BlobType.Data)).Count;
        var again = await CopyAsync(random.Vault, target, count: 2);
        var all = await CopyAsync(random.Vault, target, count: 4);

        Assert.True(first.All(copy => copy.IsNew) && !again.Any(copy => copy.IsNew));
        Assert.Equal(2, all.Count(copy => copy.IsNew));
        Assert.True((await TestVault.NamesAsync(store, BlobType.Data)).Count > packs);
        await RandomVault.AssertRestorableAsync(target, all.ToDictionary(copy => copy.Target, copy => random.Expected[copy.Source]));
        await RandomVault.AssertCleanAsync(target);

        var back = await CopyAsync(target, random.Vault, count: 4);
        Assert.Equal(
            all.Select(copy => (copy.Target, copy.Source, false)).ToHashSet(),
            back.Select(copy => (copy.Source, copy.Target, copy.IsNew)).ToHashSet());
        Assert.Equal(0, (await RandomVault.PruneAsync(target, new() { IsDryRun = true })).DuplicateBlobs.Count);
    }

    [Fact]
    public async Task Copy_that_stops_at_any_call_of_a_store_leaves_whole_snapshots_and_the_next_goes_on()
    {
        using var random = await RandomVault.CreateAsync(new MemoryBlobStore(), seed: 2, snapshots: 2);
        for (var n = 1; ; n++)
        {
            Assert.InRange(n, 1, 200);
            var store = new FaultyBlobStore(new MemoryBlobStore());
            using var target = await CreateTargetAsync(random.Vault, store);
            store.FailFromCall(n);
            try
            {
                await CopyAsync(random.Vault, target, count: 2);
            }
            catch (BlobStoreException)
            {
                // This is what a killed process leaves.
            }

            var wasReached = store.HasFailed;
            store.FailCall(0);
            await RandomVault.UnlockAsync(store);
            await TestVault.ReadAllAsync(target);
            var copies = await CopyAsync(random.Vault, target, count: 2);
            await RandomVault.AssertRestorableAsync(target, copies.ToDictionary(copy => copy.Target, copy => random.Expected[copy.Source]));
            if (!wasReached)
            {
                Assert.InRange(n, 8, 200);
                return;
            }
        }
    }

    [Fact]
    public async Task Restic_sees_our_copies_as_copies_and_we_see_its()
    {
        using var directory = new TemporaryDirectory();
        var source = directory.CreateSubdirectory("source");
        await File.WriteAllBytesAsync(Path.Combine(source, "file"), TestVault.Bytes(3_000_000, 1));
        using var vault = await TestVault.CreateAsync(new DiskBlobStore(directory["from"]));
        using var target = await CreateTargetAsync(vault, new DiskBlobStore(directory["to"]));
        await VaultBackupTests.BackUpAsync(vault, source);
        await CopyAsync(vault, target, count: 1);
        var password = directory.File("password", TestVault.Password);
        using var to = new Restic(directory["to"], TestVault.Password);

        await to.RunAsync("check", "--read-data");
        using var from = new Restic(directory["from"], TestVault.Password);
        var run = await from.RunAsync("copy", "--repo2", directory["to"], "--password-file2", password);
        Assert.Contains("skipping source snapshot", run.Output, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(Path.Combine(source, "other"), TestVault.Bytes(10_000, 2));
        await from.RunAsync("backup", source);
        await from.RunAsync("copy", "--repo2", directory["to"], "--password-file2", password);
        Assert.All(await CopyAsync(vault, target, count: 2), snapshot => Assert.False(snapshot.IsNew));

        // The copy has the chunks that a backup into the target makes.
        var backup = await VaultBackupTests.BackUpAsync(target, source);
        Assert.Equal(0ul, backup.Snapshot.Summary!.DataBlobs);
        await to.RunAsync("check", "--read-data");
    }

    [Fact]
    public async Task Vault_is_not_copied_into_itself()
    {
        using var random = await RandomVault.CreateAsync(new MemoryBlobStore(), seed: 3, snapshots: 1);

        Assert.Equal(VaultFault.Refused, await TestVault.FaultOfAsync(() => CopyAsync(random.Vault, random.Vault, count: 1)));
    }

    private static Task<Vault> CreateTargetAsync(Vault source, IBlobStore store) => VaultCopy.CreateTargetAsync(
        source, store, TestVault.Password.AsMemory(), TestVault.Cheap, RandomVault.Options, CancellationToken.None).AsTask();

    private static async Task<IReadOnlyList<CopiedSnapshot>> CopyAsync(Vault source, Vault target, int count)
    {
        var snapshots = await source.Snapshots.ListAsync(CancellationToken.None);
        await using var held = (await target.LockAsync(isExclusive: false, CancellationToken.None)).Lock!;
        return await VaultCopy.RunAsync(source, target, held, snapshots.Take(count), onSnapshot: null, CancellationToken.None);
    }
}
