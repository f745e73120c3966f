using Halley.Client.Repository;
using Halley.Storage;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Repository;

public class IndexRewriteTests
{
    [Fact]
    public async Task Many_index_files_become_one_and_a_second_time_nothing_is_to_do()
    {
        var store = await MakeVaultAsync(5);
        using var vault = await TestVault.OpenAsync(store);
        var expected = await TestVault.ReadAllAsync(vault);
        Assert.Equal(5, (await TestVault.NamesAsync(store, BlobType.Index)).Count);

        Assert.True(await RewriteAsync(vault, static _ => true));

        Assert.Single(await TestVault.NamesAsync(store, BlobType.Index));
        Assert.Equal(expected, await TestVault.ReadAllAsync(vault));
        Assert.False(await RewriteAsync(vault, static _ => true));
    }

    [Fact]
    public async Task Pack_that_goes_is_in_no_index_any_more()
    {
        var store = await MakeVaultAsync(3);
        using var vault = await TestVault.OpenAsync(store);
        var gone = (await vault.LoadIndexAsync(CancellationToken.None)).Packs.First().Id;

        Assert.True(await RewriteAsync(vault, pack => pack != gone));

        var index = await vault.LoadIndexAsync(CancellationToken.None);
        Assert.False(index.ContainsPack(gone));
        Assert.Equal(5, index.PackCount);
    }

    [Fact]
    public async Task Index_is_made_anew_from_the_packs_alone()
    {
        var store = await MakeVaultAsync(3);
        using var vault = await TestVault.OpenAsync(store);
        var expected = await TestVault.ReadAllAsync(vault);
        var lost = await TestVault.NamesAsync(store, BlobType.Index);
        foreach (var id in lost.Take(2))
        {
            await store.DeleteAsync(BlobName.Of(BlobType.Index, id), CancellationToken.None);
        }

        await TestBlob.Of(BlobType.Index, [1, 2, 3]).PutAsync(store);
        var unreadable = new List<BlobId>();
        var index = await vault.LoadIndexAsync(error => unreadable.Add(BlobId.Parse(error.File!.Value.Id)), CancellationToken.None);
        using var decoder = vault.CreateDecoder();
        var packs = (await TestVault.NamesAsync(store, BlobType.Data)).Select(id => BlobId.Parse(id));
        foreach (var id in packs.Where(id => !index.ContainsPack(id)))
        {
            using var pack = await vault.OpenPackAsync(id, CancellationToken.None);
            index.AddPack(id, [.. await pack!.ReadHeaderAsync(decoder, CancellationToken.None)]);
        }

        Assert.True(await vault.RewriteIndexAsync(index, static _ => true, unreadable, CancellationToken.None));

        Assert.Single(await TestVault.NamesAsync(store, BlobType.Index));
        Assert.Equal(expected, await TestVault.ReadAllAsync(vault));
    }

    [Fact]
    public async Task Rewrite_whose_nth_store_call_fails_loses_no_pack()
    {
        for (var n = 1; ; n++)
        {
            var inner = await MakeVaultAsync(4);
            var store = new FaultyBlobStore(inner);
            var hasFailed = false;
            using var vault = await TestVault.OpenAsync(store);
            var index = await vault.LoadIndexAsync(CancellationToken.None);
            store.FailCall(n);
            try
            {
                await vault.RewriteIndexAsync(index, static _ => true, [], CancellationToken.None);
            }
            catch (BlobStoreException)
            {
                hasFailed = true;
            }

            store.FailCall(0);
            Assert.Equal(4, (await TestVault.ReadAllAsync(vault)).Count);
            if (!hasFailed)
            {
                Assert.Equal(6, n); // one new file, four old ones
                return;
            }
        }
    }

    private static async Task<MemoryBlobStore> MakeVaultAsync(int backups)
    {
        var store = new MemoryBlobStore();
        using var vault = await TestVault.CreateAsync(store);
        for (var i = 0; i < backups; i++)
        {
            await TestVault.BackUpAsync(vault, ($"file{i}", TestVault.Bytes(1000, i)));
        }

        return store;
    }

    private static async Task<bool> RewriteAsync(Vault vault, Func<BlobId, bool> stays) =>
        await vault.RewriteIndexAsync(await vault.LoadIndexAsync(CancellationToken.None), stays, [], CancellationToken.None);
}
