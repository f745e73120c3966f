using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Tests.Prune;
using Halley.Client.Tests.Repository;
using Halley.Storage;

namespace Halley.Client.Tests.Repair;

/// <summary>The index is made anew from the packs, and what is right in it stays.</summary>
public sealed class VaultReindexTests
{
    [Fact]
    public async Task Right_index_is_left_alone()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 1, snapshots: 2);
        var before = broken.Describe();

        foreach (var readsAllHeaders in new[] { false, true })
        {
            var result = await broken.ReindexAsync(readsAllHeaders);
            Assert.Equal((0, 0, false), (result.PacksAdded, result.PacksRemoved, result.IsChanged));
        }

        Assert.Equal(before, broken.Describe());
    }

    [Fact]
    public async Task Lost_and_unreadable_index_files_are_made_anew_and_restic_agrees()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 2, snapshots: 2);
        await broken.Random.BackUpAsync();
        await broken.Random.BackUpAsync();
        var files = await TestVault.NamesAsync(broken.Store, BlobType.Index);
        await broken.DamageAsync(BlobName.Of(BlobType.Index, files[0]), "delete");
        await broken.DamageAsync(BlobName.Of(BlobType.Index, files[1]), "flip middle");
        var before = broken.Describe();

        var planned = await broken.ReindexAsync(isDryRun: true);
        Assert.Equal(before, broken.Describe());
        var result = await broken.ReindexAsync();

        Assert.Equal((planned.PacksAdded, planned.IsChanged), (result.PacksAdded, result.IsChanged));
        Assert.Equal(files[1], Assert.Single(result.FilesReplaced).File.Id);
        await broken.Random.AssertRestorableAsync();
        await RandomVault.AssertCleanAsync(broken.Random.Vault);
        using var restic = new Restic(broken.Path, TestVault.Password);
        await restic.RunAsync("check", "--read-data");
        await restic.RunAsync("rebuild-index", "--read-all-packs");
        Assert.False((await broken.ReindexAsync(readsAllHeaders: true)).IsChanged);
        await broken.Random.AssertRestorableAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Wrong_entries_are_replaced_by_what_the_pack_says(bool hasRightSize)
    {
        using var broken = await BrokenVault.CreateAsync(seed: 3, snapshots: 2);
        await ReplaceIndexAsync(broken.Random.Vault, hasRightSize);
        await Assert.ThrowsAnyAsync<Exception>(() => broken.Random.AssertRestorableAsync());

        Assert.Equal(hasRightSize, !(await broken.ReindexAsync()).IsChanged);
        var result = await broken.ReindexAsync(readsAllHeaders: true);

        Assert.Equal(hasRightSize ? 1 : 0, result.PacksAdded);
        await broken.Random.AssertRestorableAsync();
        await RandomVault.AssertCleanAsync(broken.Random.Vault);
    }

    [Fact]
    public async Task Packs_that_are_gone_leave_the_index_and_damaged_ones_are_left_to_a_repair()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 4, snapshots: 2);
        var gone = await broken.PackAsync(BlobKind.Tree);
        var longer = await broken.PackAsync(BlobKind.Data);
        await broken.DamageAsync(gone, "delete");
        await broken.DamageAsync(longer, "append");

        var result = await broken.ReindexAsync();

        Assert.Equal((1, true), (result.PacksRemoved, result.IsChanged));
        Assert.Equal(longer, Assert.Single(result.DamagedPacks).File);
        var index = await broken.Random.Vault.LoadIndexAsync(CancellationToken.None);
        Assert.False(index.ContainsPack(BlobId.Parse(gone.Id)));
        Assert.True(index.ContainsPack(BlobId.Parse(longer.Id))); // a repair saves its good blobs with it
        Assert.True((await broken.RepairAsync()).BlobsSaved > 0);
    }

    [Fact]
    public async Task Vault_with_a_local_cache_is_refused()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 5, snapshots: 1);
        using var directory = new TemporaryDirectory();
        using var vault = await TestVault.OpenAsync(broken.Store, RandomVault.Options with { Cache = new(directory.Path) });
        await using var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!;

        await Assert.ThrowsAsync<ArgumentException>(
            () => Client.Repair.VaultReindex.RunAsync(vault, held, false, false, null, CancellationToken.None));
    }

    // An index of a program with a fault: a pack lacks a blob, or a blob has another's place.
    private static async Task ReplaceIndexAsync(Vault vault, bool hasRightSize)
    {
        var right = await vault.LoadIndexAsync(CancellationToken.None);
        var wrong = new VaultIndex();
        var isFirst = true;
        foreach (var pack in right.Packs)
        {
            var blobs = pack.Blobs.Select(entry => entry.Blob).ToList();
            if (isFirst)
            {
                isFirst = false;
                if (hasRightSize)
                {
                    blobs[0] = blobs[0] with { Id = BlobId.Of("other"u8) };
                }
                else
                {
                    blobs.RemoveAt(0);
                }
            }

            wrong.AddPack(pack.Id, [.. blobs]);
        }

        var writer = vault.CreateIndexWriter(wrong);
        foreach (var pack in wrong.Packs)
        {
            await writer.AddAsync(pack, CancellationToken.None);
        }

        await writer.FlushAsync(CancellationToken.None);
        foreach (var file in right.Files)
        {
            await vault.DeleteAsync(BlobName.Of(BlobType.Index, file.Id.ToString()), CancellationToken.None);
        }
    }
}
