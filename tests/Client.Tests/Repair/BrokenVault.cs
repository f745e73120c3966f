using Halley.Client.Checking;
using Halley.Client.Repair;
using Halley.Client.Repository;
using Halley.Client.Tests.Prune;
using Halley.Client.Tests.Repository;
using Halley.Storage;
using Halley.Storage.Disk;

namespace Halley.Client.Tests.Repair;

/// <summary>A vault in a directory, whose files are truly damaged, and what its snapshots must bring back.</summary>
internal sealed class BrokenVault : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private RandomVault? _random;

    public string Path => _directory["vault"];

    public IBlobStore Store { get; private set; } = null!;

    public IBlobStore Aside { get; private set; } = null!;

    public RandomVault Random => _random!;

    public static async Task<BrokenVault> CreateAsync(int seed, int snapshots)
    {
        var broken = new BrokenVault();
        broken.Store = new DiskBlobStore(broken.Path);
        broken.Aside = new DiskBlobStore(broken._directory["aside"]);
        broken._random = await RandomVault.CreateAsync(broken.Store, seed, snapshots);
        await broken._random.PruneAsync(); // writes the lists of packs
        return broken;
    }

    public Task<Vault> OpenAsync(string password = TestVault.Password) => TestVault.OpenAsync(Store, RandomVault.Options, password);

    /// <summary>The path of a file of the vault.</summary>
    public string PathOf(BlobName name) => name.Type switch
    {
        BlobType.Config => System.IO.Path.Combine(Path, "config"),
        BlobType.Data => System.IO.Path.Combine(Path, "data", name.Id[..2], name.Id),
        var type => System.IO.Path.Combine(Path, BlobName.NameOf(type), name.Id),
    };

    public async Task<BlobName> FirstAsync(BlobType type) =>
        BlobName.Of(type, (await TestVault.NamesAsync(Store, type)).Order(StringComparer.Ordinal).First());

    /// <summary>The pack of a kind with most blobs.</summary>
    public async Task<BlobName> PackAsync(BlobKind kind)
    {
        using var vault = await OpenAsync();
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        var pack = index.Packs.Where(pack => pack.Blobs.First().Blob.Kind == kind).MaxBy(pack => pack.BlobCount);
        return BlobName.Of(BlobType.Data, pack.Id.ToString());
    }

    public async Task DamageAsync(BlobName name, string trouble)
    {
        var path = PathOf(name);
        var content = await File.ReadAllBytesAsync(path);
        File.Delete(path);
        switch (trouble)
        {
            case "delete": return;
            case "empty": content = []; break;
            case "truncate": content = content[..(content.Length / 2)]; break;
            case "append": content = [.. content, 0]; break;
            case "flip first": content[0] ^= 1; break;
            case "flip middle": content[content.Length / 2] ^= 0x80; break;
            case "flip last": content[^1] ^= 4; break;
            case "swap": content = TestVault.Bytes(content.Length, 1); break;
        }

        await File.WriteAllBytesAsync(path, content);
    }

    public Task<RepairResult> RepairAsync(RepairOptions? options = null) =>
        RepairAsync(Store, options ?? new RepairOptions { Aside = Aside });

    public static async Task<RepairResult> RepairAsync(IBlobStore store, RepairOptions options)
    {
        using var vault = await TestVault.OpenAsync(store, RandomVault.Options);
        await using var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!;
        return await VaultRepair.RunAsync(vault, held, options, CancellationToken.None);
    }

    public Task<ReindexResult> ReindexAsync(bool readsAllHeaders = false, bool isDryRun = false) =>
        ReindexAsync(Store, readsAllHeaders, isDryRun);

    public static async Task<ReindexResult> ReindexAsync(IBlobStore store, bool readsAllHeaders = false, bool isDryRun = false)
    {
        using var vault = await TestVault.OpenAsync(store, RandomVault.Options);
        await using var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!;
        return await VaultReindex.RunAsync(vault, held, readsAllHeaders, isDryRun, onPack: null, CancellationToken.None);
    }

    /// <summary>All files of the vault with their sizes, but for locks.</summary>
    public string Describe() => string.Join('\n', Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/locks/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        .Select(path => $"{path} {new FileInfo(path).Length}"));

    /// <summary>
    /// The check of every byte finds nothing, and each snapshot has exactly the files that are not reported as lost, with their content.
    /// </summary>
    public async Task AssertRepairedAsync(RepairResult result, params IEnumerable<BlobId> gone)
    {
        using var vault = await OpenAsync();
        await RandomVault.AssertCleanAsync(vault);
        var expected = Random.Expected.Where(snapshot => !gone.Contains(snapshot.Key)).ToDictionary();
        foreach (var hurt in result.HurtSnapshots)
        {
            Assert.NotEmpty(hurt.Lost);
            Assert.True(expected.Remove(hurt.Id, out var files));
            if (hurt.NewId is { } id)
            {
                expected[id] = files.Where(file => !hurt.Lost.Any(lost => lost.Path == file.Key)).ToDictionary();
            }
        }

        await RandomVault.AssertRestorableAsync(vault, expected);
    }

    public void Dispose()
    {
        _random?.Dispose();
        _directory.Dispose();
    }
}
