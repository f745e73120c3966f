using Halley.Client.Prune;
using Halley.Client.Repository;
using Halley.Client.Tests.Prune;
using Halley.Client.Tests.Repository;
using Halley.Storage;

namespace Halley.Client.Tests.Repair;

/// <summary>What the loss of a file of each kind means: the rows of "Missing files from Storage Vault".</summary>
public sealed class MissingFilesTests
{
    [Fact]
    public async Task Without_a_snapshot_file_that_backup_is_unknown_and_the_others_are_whole()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 1, snapshots: 3);
        var name = await broken.FirstAsync(BlobType.Snapshots);
        await broken.DamageAsync(name, "delete");
        broken.Random.Expected.Remove(BlobId.Parse(name.Id));

        await broken.Random.AssertRestorableAsync();
        Assert.True((await broken.RepairAsync()).IsWhole);
        await broken.Random.PruneAsync();
        await broken.Random.AssertRestorableAsync();
    }

    [Fact]
    public async Task Without_a_packindex_the_next_prune_makes_it_anew()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 2, snapshots: 3);
        var lists = await ListsAsync(broken);
        await broken.DamageAsync(await broken.FirstAsync(BlobType.PackIndex), "delete");
        await broken.DamageAsync(await broken.FirstAsync(BlobType.PackIndex), "flip middle");

        Assert.Equal(2, (await broken.Random.PruneAsync()).PackIndexesWritten);

        Assert.Equal(lists, await ListsAsync(broken));
    }

    [Fact]
    public async Task Without_its_lock_work_stops_before_it_changes_anything_more()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 3, snapshots: 2);
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        using var vault = await TestVault.OpenAsync(broken.Store, RandomVault.Options with { Time = new ImpatientClock(time) });
        await using var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!;
        await RandomVault.UnlockAsync(broken.Store);
        var before = broken.Describe();
        time.SetUtcNow(time.GetUtcNow().AddHours(1));

        var fault = await TestVault.FaultOfAsync(
            () => Client.Repair.VaultRepair.RunAsync(vault, held, new() { IsDryRun = false }, CancellationToken.None));

        Assert.Equal(VaultFault.LockLost, fault);
        Assert.Equal(before, broken.Describe());
    }

    [Fact]
    public async Task Without_an_index_data_is_uploaded_again_and_the_excess_goes_with_a_prune()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 4, snapshots: 2);
        foreach (var id in await TestVault.NamesAsync(broken.Store, BlobType.Index))
        {
            await broken.DamageAsync(BlobName.Of(BlobType.Index, id), "delete");
        }

        var packs = (await TestVault.NamesAsync(broken.Store, BlobType.Data)).Count;
        await broken.Random.BackUpAsync();
        Assert.True((await TestVault.NamesAsync(broken.Store, BlobType.Data)).Count > packs);
        Assert.Equal(VaultFault.Missing, await TestVault.FaultOfAsync(() => broken.Random.PruneAsync())); // the older snapshots

        Assert.True((await broken.ReindexAsync()).PacksAdded > 0);
        await broken.Random.AssertRestorableAsync();
        var result = await broken.Random.PruneAsync(new PruneOptions { MaxUnused = new UnusedLimit(0, null) });
        Assert.True(result.DuplicateBlobs.Count > 0);
        await broken.Random.AssertRestorableAsync();
        await RandomVault.AssertCleanAsync(broken.Random.Vault);
    }

    [Fact]
    public async Task Without_key_files_nothing_opens_and_with_the_file_put_back_all_does()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 5, snapshots: 1);
        var name = await broken.FirstAsync(BlobType.Keys);
        var key = await File.ReadAllBytesAsync(broken.PathOf(name));
        await broken.DamageAsync(name, "delete");

        var error = await Assert.ThrowsAsync<VaultException>(() => broken.OpenAsync());
        Assert.Equal(VaultFault.Missing, error.Fault);
        Assert.Contains("copy", error.Message, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(broken.PathOf(name), key);
        await broken.Random.AssertRestorableAsync();
    }

    [Fact]
    public async Task Without_a_pack_a_prune_refuses_and_a_repair_names_and_drops_what_depends_on_it()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 6, snapshots: 3);
        await broken.DamageAsync(await broken.PackAsync(BlobKind.Data), "delete");
        var before = broken.Describe();

        Assert.Equal(VaultFault.Missing, await TestVault.FaultOfAsync(() => broken.Random.PruneAsync()));
        Assert.Equal(before, broken.Describe());

        var result = await broken.RepairAsync();
        Assert.NotEmpty(result.HurtSnapshots);
        await broken.AssertRepairedAsync(result);
        await broken.Random.PruneAsync();
        await broken.AssertRepairedAsync(result);
    }

    private static async Task<string> ListsAsync(BrokenVault broken)
    {
        var lists = await broken.Random.Vault.PackIndexes.ListAsync(error => throw error, CancellationToken.None);
        return string.Join('\n', lists.Select(list => $"{list.PackIndex.Snapshot}: {string.Join(", ", list.PackIndex.Packs.Order())}")
            .Order(StringComparer.Ordinal));
    }
}
