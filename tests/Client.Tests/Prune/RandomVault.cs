using Halley.Client.Checking;
using Halley.Client.Prune;
using Halley.Client.Repository;
using Halley.Client.Tests.Repository;
using Halley.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Client.Tests.Prune;

/// <summary>A vault with snapshots of files that change from one to the next, and what each snapshot must bring back.</summary>
internal sealed class RandomVault(IBlobStore store, int seed) : IDisposable
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, byte[]> _files = [];
    private Vault? _vault;

    /// <summary>The content of each snapshot that was made.</summary>
    public Dictionary<BlobId, Dictionary<string, byte[]>> Expected { get; } = [];

    public Vault Vault => _vault!;

    public static VaultOptions Options { get; } = new()
    {
        PackSize = 20_000,
        Time = new ImpatientClock(new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero))),
        Connections = 1, // so that the n-th call of a store is the same one in each run
    };

    public static async Task<RandomVault> CreateAsync(IBlobStore store, int seed, int snapshots)
    {
        var vault = new RandomVault(store, seed);
        vault._vault = await TestVault.CreateAsync(store, Options);
        for (var i = 0; i < snapshots; i++)
        {
            await vault.BackUpAsync();
        }

        return vault;
    }

    public async Task<BlobId> BackUpAsync()
    {
        for (var i = 0; i < 6; i++)
        {
            var content = TestVault.Bytes(_random.Next(1, 6_000), _random.Next());
            content.AsSpan(0, content.Length / _random.Next(1, 4)).Clear(); // something to compress
            _files[$"f{_random.Next(12)}"] = content;
        }

        var id = await TestVault.BackUpAsync(Vault, [.. _files.Select(file => (file.Key, file.Value))]);
        Expected[id] = _files.ToDictionary(file => $"/{file.Key}", file => file.Value);
        return id;
    }

    public async Task ForgetAsync(params IEnumerable<BlobId> snapshots)
    {
        foreach (var id in snapshots.ToList())
        {
            await Vault.Snapshots.DeleteAsync(id, CancellationToken.None);
            Expected.Remove(id);
        }
    }

    public Task<PruneResult> PruneAsync(PruneOptions? options = null) => PruneAsync(Vault, options);

    public static async Task<PruneResult> PruneAsync(Vault vault, PruneOptions? options = null)
    {
        await using var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!;
        return await VaultPrune.RunAsync(vault, held, options ?? new PruneOptions(), CancellationToken.None);
    }

    /// <summary>The snapshots that should be there are there, and all of each can be read.</summary>
    public async Task AssertRestorableAsync()
    {
        using var vault = await TestVault.OpenAsync(store, Options);
        await AssertRestorableAsync(vault, Expected);
    }

    public static async Task AssertRestorableAsync(Vault vault, IReadOnlyDictionary<BlobId, Dictionary<string, byte[]>> expected)
    {
        var snapshots = await vault.Snapshots.ListAsync(CancellationToken.None);
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        Assert.Equal(expected.Keys.Order(), snapshots.Select(entry => entry.Id).Order());
        foreach (var (id, snapshot) in snapshots)
        {
            Assert.Equal(expected[id], await TestVault.ReadAsync(vault, index, snapshot));
        }
    }

    /// <summary>Our own check of every byte finds nothing at all, not even something that only takes room.</summary>
    public static async Task AssertCleanAsync(Vault vault)
    {
        var findings = new List<VaultFinding>();
        var options = new CheckOptions { ReadData = PackSubset.All, OnFinding = findings.Add };
        await VaultCheck.RunAsync(vault, options, CancellationToken.None);
        Assert.Empty(findings);
    }

    /// <summary>Deletes the locks of a process that was killed.</summary>
    public static async Task UnlockAsync(IBlobStore store)
    {
        foreach (var id in await TestVault.NamesAsync(store, BlobType.Locks))
        {
            await store.DeleteAsync(BlobName.Of(BlobType.Locks, id), CancellationToken.None);
        }
    }

    public void Dispose() => _vault?.Dispose();
}
