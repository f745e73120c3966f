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
        var files = new DamagedFiles(await MakeVaultAsync());
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

        var files = new DamagedFiles(store);
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

        var files = new DamagedFiles(store);
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

    /// <summary>A store some of whose files are not what was put there.</summary>
    private sealed class DamagedFiles(MemoryBlobStore inner) : IBlobStore
    {
        private readonly Dictionary<BlobName, byte[]?> _changed = [];

        public async Task<BlobName> FirstAsync(BlobType type) =>
            type == BlobType.Config
                ? BlobName.Config
                : BlobName.Of(type, (await TestVault.NamesAsync(inner, type)).Order(StringComparer.Ordinal).First());

        public async Task DamageAsync(BlobName name, string trouble)
        {
            var content = (await new TestBlob(name, []).ReadAsync(inner))!;
            switch (trouble)
            {
                case "flip first": content[0] ^= 1; break;
                case "flip middle": content[content.Length / 2] ^= 0x80; break;
                case "flip last": content[^(name.Type == BlobType.Data ? 300 : 1)] ^= 4; break;
                case "truncate": content = content[..(content.Length / 2)]; break;
                case "append": content = [0, .. content]; break;
                case "empty": content = []; break;
                case "swap": content = await OtherVaultsAsync(name); break;
            }

            _changed[name] = trouble == "delete" ? null : content;
        }

        public ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellation) =>
            _changed.TryGetValue(name, out var content)
                ? ValueTask.FromResult<long?>(content?.Length)
                : inner.FindAsync(name, cancellation);

        public async ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellation)
        {
            if (!_changed.TryGetValue(name, out var content))
            {
                return await inner.OpenAsync(name, cancellation);
            }

            if (content is null)
            {
                return null;
            }

            var store = new MemoryBlobStore();
            var file = TestBlob.Of(BlobType.Data, content); // under the name that the content has now
            await file.PutAsync(store);
            return await store.OpenAsync(file.Name, cancellation);
        }

        public ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellation) =>
            inner.PutAsync(name, content, length, cancellation);

        public ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellation) => inner.DeleteAsync(name, cancellation);

        public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellation) =>
            inner.ListAsync(type, cancellation)
                .Where(entry => !_changed.TryGetValue(BlobName.Of(type, entry.Id), out var content) || content is not null);

        // A whole file of the same kind, of another vault.
        private static async Task<byte[]> OtherVaultsAsync(BlobName name)
        {
            var other = await MakeVaultAsync();
            var stranger = name.Type == BlobType.Config ? name : BlobName.Of(name.Type, (await TestVault.NamesAsync(other, name.Type))[0]);
            return (await new TestBlob(stranger, []).ReadAsync(other))!;
        }
    }
}
