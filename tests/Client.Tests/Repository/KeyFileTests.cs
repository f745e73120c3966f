using System.Text;
using Halley.Client.Repository;
using Halley.Client.Repository.KeyFiles;
using Halley.Storage;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Repository;

public class KeyFileTests
{
    [Fact]
    public async Task Each_password_opens_the_same_data_until_it_is_removed()
    {
        var store = new MemoryBlobStore();
        BlobId second;
        using (var vault = await TestVault.CreateAsync(store))
        {
            await TestVault.BackUpAsync(vault, ("file", [1, 2, 3]));
            second = await vault.Keys.AddAsync("zweites Paßwort €".AsMemory(), TestVault.Cheap, CancellationToken.None);
            Assert.Equal(2, (await vault.Keys.ListAsync(CancellationToken.None)).Count);
        }

        using (var vault = await TestVault.OpenAsync(store, password: "zweites Paßwort €"))
        {
            Assert.Equal(second, vault.Keys.Current);
            Assert.Equal([1, 2, 3], (await TestVault.ReadAllAsync(vault))["/file"]);
            Assert.Equal(KeyRemoval.InUse, await vault.Keys.RemoveAsync(second, CancellationToken.None));
            var first = (await vault.Keys.ListAsync(CancellationToken.None)).Single(key => !key.IsCurrent).Id;
            Assert.Equal(KeyRemoval.Removed, await vault.Keys.RemoveAsync(first, CancellationToken.None));
            Assert.Equal(KeyRemoval.NotFound, await vault.Keys.RemoveAsync(first, CancellationToken.None));
        }

        Assert.Equal(VaultFault.WrongPassword, await TestVault.FaultOfAsync(() => TestVault.OpenAsync(store)));
    }

    [Fact]
    public async Task Change_of_the_password_whose_nth_store_call_fails_leaves_one_that_opens()
    {
        for (var n = 1; ; n++)
        {
            var inner = new MemoryBlobStore();
            var store = new FaultyBlobStore(inner);
            var hasFailed = false;
            using (var vault = await TestVault.CreateAsync(store))
            {
                store.FailCall(n);
                try
                {
                    await vault.Keys.ChangeAsync("new".AsMemory(), TestVault.Cheap, CancellationToken.None);
                }
                catch (BlobStoreException)
                {
                    hasFailed = true;
                }
            }

            if (!hasFailed)
            {
                using var opened = await TestVault.OpenAsync(inner, password: "new");
                Assert.Equal(VaultFault.WrongPassword, await TestVault.FaultOfAsync(() => TestVault.OpenAsync(inner)));
                Assert.InRange(n, 2, 10);
                return;
            }

            using var old = await TestVault.OpenAsync(inner);
        }
    }

    [Theory]
    [InlineData(0, 8, 1)]
    [InlineData(1, 8, 1)]
    [InlineData(1000, 8, 1)]
    [InlineData(-16, 8, 1)]
    [InlineData(1 << 30, 8, 1)]
    [InlineData(1 << 20, 1 << 10, 1)]
    [InlineData(16, 0, 1)]
    [InlineData(16, 8, 0)]
    [InlineData(16, 8, 1 << 26)]
    [InlineData(1 << 15, 8, 1 << 20)]
    public async Task Key_file_with_hostile_parameters_is_refused_and_does_not_hide_the_others(int n, int r, int p)
    {
        var store = new MemoryBlobStore();
        using (await TestVault.CreateAsync(store))
        {
        }

        var hostile = Encoding.UTF8.GetBytes(
            $$"""
            {"created":"2024-01-01T00:00:00Z","username":"u","hostname":"h","kdf":"scrypt","N":{{n}},"r":{{r}},"p":{{p}},
             "salt":"AAAA","data":"{{Convert.ToBase64String(new byte[200])}}"}
            """);
        var file = TestBlob.Of(BlobType.Keys, hostile);
        await file.PutAsync(store);

        using var vault = await TestVault.OpenAsync(store, new VaultOptions { KeyHint = file.Name.Id });
        await store.DeleteAsync(BlobName.Of(BlobType.Keys, vault.Keys.Current.ToString()), CancellationToken.None);
        Assert.Equal(VaultFault.Unsupported, await TestVault.FaultOfAsync(() => TestVault.OpenAsync(store)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("not JSON")]
    [InlineData("""{"kdf":"argon2","N":16,"r":8,"p":1,"salt":"AAAA","data":"AAAA"}""")]
    [InlineData("""{"kdf":"scrypt","N":16,"r":8,"p":1,"salt":"AAAA","data":"AAAA"}""")]
    [InlineData("""{"kdf":"scrypt","N":16,"r":8,"p":1,"salt":"****","data":"AAAA"}""")]
    [InlineData("""{"kdf":"scrypt","N":1e99,"r":8,"p":1,"salt":"AAAA","data":"AAAA"}""")]
    public async Task Key_file_that_is_none_is_damage_when_no_other_opens(string text)
    {
        var store = new MemoryBlobStore();
        using (var vault = await TestVault.CreateAsync(store))
        {
            await store.DeleteAsync(BlobName.Of(BlobType.Keys, vault.Keys.Current.ToString()), CancellationToken.None);
        }

        await TestBlob.Of(BlobType.Keys, Encoding.UTF8.GetBytes(text)).PutAsync(store);

        Assert.Equal(VaultFault.Damaged, await TestVault.FaultOfAsync(() => TestVault.OpenAsync(store)));
    }

    [Fact]
    public void Calibrated_parameters_are_never_weaker_than_the_weakest()
    {
        var parameters = ScryptParameters.Calibrate(TimeProvider.System);

        Assert.True(parameters.IsAcceptable);
        Assert.InRange(parameters.P, ScryptParameters.Weakest.P, 16);
        Assert.Equal((ScryptParameters.Weakest.N, ScryptParameters.Weakest.R), (parameters.N, parameters.R));
    }

    [Fact]
    public async Task Vault_is_never_made_over_another_one()
    {
        var store = new MemoryBlobStore();
        using var vault = await TestVault.CreateAsync(store);
        var config = await new TestBlob(BlobName.Config, []).ReadAsync(store);

        Assert.Equal(VaultFault.VaultExists, await TestVault.FaultOfAsync(() => TestVault.CreateAsync(store)));
        Assert.Equal(config, await new TestBlob(BlobName.Config, []).ReadAsync(store));
        Assert.Single(await TestVault.NamesAsync(store, BlobType.Keys));
    }

    [Fact]
    public async Task Store_without_a_vault_is_told_apart_from_a_wrong_password()
    {
        Assert.Equal(VaultFault.NoVault, await TestVault.FaultOfAsync(() => TestVault.OpenAsync(new MemoryBlobStore())));
        var tiny = await TinyRepository.OpenStoreAsync();
        Assert.Equal(VaultFault.WrongPassword, await TestVault.FaultOfAsync(() => TestVault.OpenAsync(tiny)));
    }
}
