using Halley.Client.Repository;
using Halley.Storage;
using Halley.Storage.Memory;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Client.Tests.Repository;

public sealed class MetadataCacheTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly MemoryBlobStore _store = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Second_reading_asks_the_store_only_for_data()
    {
        await MakeVaultAsync();
        await ReadAsync(_store);
        var faulty = new FaultyBlobStore(_store);
        var data = (await TestVault.NamesAsync(_store, BlobType.Data)).Count;

        var reads = await CountReadsAsync(faulty);

        Assert.Equal(2, data); // one of them with trees
        Assert.Equal([BlobType.Config, BlobType.Keys, BlobType.Data, BlobType.Data], reads); // two files, and no trees
    }

    [Theory]
    [InlineData("flip")]
    [InlineData("truncate")]
    [InlineData("empty")]
    [InlineData("delete")]
    public async Task Damaged_copies_are_read_from_the_store_again(string damage)
    {
        await MakeVaultAsync();
        var expected = await ReadAsync(_store);
        var copies = Copies();
        Assert.Equal(3, copies.Count);
        foreach (var copy in copies)
        {
            Damage(copy, damage);
        }

        Assert.Equal(expected, await ReadAsync(_store));
        Assert.All(Copies(), copy => Assert.Equal(Path.GetFileName(copy), BlobId.Of(File.ReadAllBytes(copy)).ToString()));
        Assert.Equal(3, Copies().Count);
    }

    [Fact]
    public async Task Copies_of_files_that_the_store_no_longer_has_are_deleted()
    {
        await MakeVaultAsync();
        await ReadAsync(_store);
        foreach (var id in await TestVault.NamesAsync(_store, BlobType.Snapshots))
        {
            await _store.DeleteAsync(BlobName.Of(BlobType.Snapshots, id), CancellationToken.None);
        }

        Assert.Empty(await ReadAsync(_store));
        Assert.DoesNotContain(Copies(), copy => copy.Contains("snapshots", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Copies_that_were_not_used_for_the_longest_time_go_first()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(1));
        await MakeVaultAsync();
        await ReadAsync(_store);
        var (index, snapshot) = (Copies().Single(copy => copy.Contains("/index/", StringComparison.Ordinal)),
            Copies().Single(copy => copy.Contains("/snapshots/", StringComparison.Ordinal)));
        var limit = new FileInfo(index).Length + new FileInfo(snapshot).Length;
        using var vault = await TestVault.OpenAsync(
            _store, new VaultOptions { Cache = new(_directory.Path, limit), Time = time });
        await vault.Snapshots.ListAsync(CancellationToken.None);
        await vault.LoadIndexAsync(CancellationToken.None);

        vault.TrimCache();

        Assert.Equal([index, snapshot], Copies().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_at_once_share_the_copies()
    {
        await MakeVaultAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ReadAsync(_store))));

        Assert.All(results, files => Assert.Equal(results[0], files));
        Assert.Equal(3, Copies().Count);
    }

    [Fact]
    public async Task Directory_that_cannot_be_used_is_a_notice_and_no_error()
    {
        await MakeVaultAsync();
        var notices = new List<string>();
        var file = _directory.File("file", "");
        using var vault = await TestVault.OpenAsync(_store, new VaultOptions { Cache = new(file), Notice = notices.Add });

        Assert.NotEmpty(await TestVault.ReadAllAsync(vault));
        Assert.Contains(file, Assert.Single(notices), StringComparison.Ordinal);
    }

    private async Task MakeVaultAsync()
    {
        using var vault = await TestVault.CreateAsync(_store);
        await TestVault.BackUpAsync(vault, ("one", TestVault.Bytes(1000, 1)), ("two", TestVault.Bytes(1000, 2)));
    }

    private async Task<Dictionary<string, byte[]>> ReadAsync(IBlobStore store)
    {
        using var vault = await TestVault.OpenAsync(store, new VaultOptions { Cache = new(_directory.Path) });
        return await TestVault.ReadAllAsync(vault);
    }

    private async Task<List<BlobType>> CountReadsAsync(IBlobStore inner)
    {
        var store = new RecordingStore(inner);
        await ReadAsync(store);
        return store.Opened;
    }

    private List<string> Copies() =>
    [
        .. Directory.EnumerateFiles(_directory.Path, "*", SearchOption.AllDirectories)
            .Where(file => BlobName.IsId(Path.GetFileName(file))),
    ];

    private static void Damage(string file, string damage)
    {
        var content = File.ReadAllBytes(file);
        switch (damage)
        {
            case "flip": content[20] ^= 1; File.WriteAllBytes(file, content); break;
            case "truncate": File.WriteAllBytes(file, content[..(content.Length / 2)]); break;
            case "empty": File.WriteAllBytes(file, []); break;
            default: File.Delete(file); break;
        }
    }

    private sealed class RecordingStore(IBlobStore inner) : IBlobStore
    {
        public List<BlobType> Opened { get; } = [];

        public ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellation) => inner.FindAsync(name, cancellation);

        public ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellation)
        {
            Opened.Add(name.Type);
            return inner.OpenAsync(name, cancellation);
        }

        public ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellation) =>
            inner.PutAsync(name, content, length, cancellation);

        public ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellation) => inner.DeleteAsync(name, cancellation);

        public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellation) => inner.ListAsync(type, cancellation);
    }
}
