using Halley.Client.Repository;
using Halley.Storage;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Repository;

/// <summary>Each kind of file in each kind of trouble: the right error, which names the file, and never wrong data.</summary>
public class DamageTests
{
    private static readonly (string, byte[])[] Content = [("one", TestVault.Bytes(5000, 1)), ("two", new byte[5000])];

    public static TheoryData<BlobType, string> Troubles
    {
        get
        {
            var troubles = new TheoryData<BlobType, string>();
            foreach (var type in new[] { BlobType.Config, BlobType.Keys, BlobType.Index, BlobType.Snapshots, BlobType.Data })
            {
                foreach (var trouble in new[] { "delete", "empty", "truncate", "flip first", "flip middle", "flip last", "append", "swap" })
                {
                    troubles.Add(type, trouble);
                }
            }

            return troubles;
        }
    }

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task File_in_trouble_is_recognised_and_named(BlobType type, string trouble)
    {
        var files = new DamagedFiles(await MakeVaultAsync(), MakeVaultAsync);
        var name = await files.FirstAsync(type);
        await files.DamageAsync(name, trouble);

        if (type == BlobType.Snapshots && trouble == "delete")
        {
            using var vault = await TestVault.OpenAsync(files);
            Assert.Empty(await TestVault.ReadAllAsync(vault)); // nothing says that there was one
            return;
        }

        var error = await Assert.ThrowsAsync<VaultException>(async () =>
        {
            using var vault = await TestVault.OpenAsync(files);
            await TestVault.ReadAllAsync(vault);
        });
        var expected = (type, trouble) switch
        {
            (BlobType.Config, "delete") => VaultFault.NoVault,
            (BlobType.Data or BlobType.Keys, "delete") => VaultFault.Missing,
            (BlobType.Index, "delete") => VaultFault.Missing,
            _ => VaultFault.Damaged,
        };
        Assert.Equal(expected, error.Fault);
        Assert.Equal(trouble == "delete" && type != BlobType.Data ? null : name, error.File);
        Assert.Matches("halley|copy|[Cc]heck", error.Message);
    }

    [Theory]
    [InlineData(BlobType.Index)]
    [InlineData(BlobType.Snapshots)]
    public async Task Files_that_can_be_read_are_read_beside_one_that_cannot(BlobType type)
    {
        var store = await MakeVaultAsync();
        using (var vault = await TestVault.OpenAsync(store))
        {
            await TestVault.BackUpAsync(vault, ("three", [3]));
        }

        var files = new DamagedFiles(store, MakeVaultAsync);
        var name = await files.FirstAsync(type);
        await files.DamageAsync(name, "flip middle");
        var damaged = new List<BlobName?>();
        using var opened = await TestVault.OpenAsync(files);

        var snapshots = await opened.Snapshots.ListAsync(error => damaged.Add(error.File), CancellationToken.None);
        var index = await opened.LoadIndexAsync(error => damaged.Add(error.File), CancellationToken.None);

        Assert.Equal([name], damaged);
        Assert.Equal(type == BlobType.Snapshots ? 1 : 2, snapshots.Count);
        Assert.Equal(type == BlobType.Index ? 1 : 2, index.Files.Count);
    }

    [Fact]
    public async Task Blob_that_is_in_two_packs_is_read_although_one_copy_is_damaged()
    {
        var store = await MakeVaultAsync();
        using (var vault = await TestVault.OpenAsync(store))
        {
            // A second client that had not loaded the first one's index.
            var foreign = new MemoryBlobStore();
            foreach (var type in new[] { BlobType.Keys, BlobType.Config })
            {
                await CopyAsync(store, foreign, type);
            }

            using var other = await TestVault.OpenAsync(foreign);
            await TestVault.BackUpAsync(other, Content);
            foreach (var type in new[] { BlobType.Data, BlobType.Index, BlobType.Snapshots })
            {
                await CopyAsync(foreign, store, type);
            }
        }

        var files = new DamagedFiles(store, MakeVaultAsync);
        using var opened = await TestVault.OpenAsync(files);
        var index = await opened.LoadIndexAsync(CancellationToken.None);
        foreach (var pack in index.Packs.Take(2))
        {
            await files.DamageAsync(BlobName.Of(BlobType.Data, pack.Id.ToString()), "flip first");
        }

        Assert.Equal(Content[0].Item2, (await TestVault.ReadAllAsync(opened))["/one"]);
    }

    private static async Task<MemoryBlobStore> MakeVaultAsync()
    {
        var store = new MemoryBlobStore();
        using var vault = await TestVault.CreateAsync(store);
        await TestVault.BackUpAsync(vault, Content);
        return store;
    }

    private static async Task CopyAsync(MemoryBlobStore from, MemoryBlobStore to, BlobType type)
    {
        var names = type == BlobType.Config
            ? [BlobName.Config]
            : (await TestVault.NamesAsync(from, type)).Select(id => BlobName.Of(type, id));
        foreach (var name in names)
        {
            await new TestBlob(name, (await new TestBlob(name, []).ReadAsync(from))!).PutAsync(to);
        }
    }
}
