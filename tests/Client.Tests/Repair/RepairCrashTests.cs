using System.Security.Cryptography;
using Halley.Client.Repair;
using Halley.Client.Repository;
using Halley.Client.Tests.Prune;
using Halley.Client.Tests.Repository;
using Halley.Storage;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Repair;

/// <summary>Wherever a repair or a reindex stops, no more is lost than was, and the next one finishes.</summary>
public sealed class RepairCrashTests
{
    private static readonly RepairOptions Options = new();
    private readonly MemoryBlobStore _whole = new();
    private readonly List<BlobName> _damaged = [];
    private BlobName _lostIndex;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Work_that_stops_at_any_call_of_the_store_loses_no_more_than_was_lost(bool isReindex)
    {
        await MakeAsync();
        var expected = await FinishAsync(await BreakAsync());
        Assert.NotEmpty(expected);
        for (var n = 1; ; n++)
        {
            Assert.InRange(n, 1, 1_000);
            var store = new FaultyBlobStore(await BreakAsync());
            store.FailFromCall(n);
            try
            {
                if (isReindex)
                {
                    await BrokenVault.ReindexAsync(store);
                }
                else
                {
                    await BrokenVault.RepairAsync(store, Options);
                }
            }
            catch (BlobStoreException)
            {
                // This is what a killed process leaves.
            }

            var wasReached = store.HasFailed;
            store.FailCall(0);
            await RandomVault.UnlockAsync(store);

            Assert.Equal(expected, await FinishAsync(store));
            if (!wasReached)
            {
                Assert.InRange(n, 30, 1_000);
                return;
            }
        }
    }

    // The contents that are left. A snapshot may be there twice, if the work stopped between writing it anew and deleting the old one.
    private static async Task<IReadOnlySet<string>> FinishAsync(IBlobStore store)
    {
        Assert.True((await BrokenVault.RepairAsync(store, Options)).IsWhole);
        using var vault = await TestVault.OpenAsync(store, RandomVault.Options);
        await RandomVault.AssertCleanAsync(vault);
        var contents = new SortedSet<string>(StringComparer.Ordinal);
        var snapshots = await vault.Snapshots.ListAsync(CancellationToken.None);
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        foreach (var (_, snapshot) in snapshots)
        {
            var files = await TestVault.ReadAsync(vault, index, snapshot);
            contents.Add(string.Join(' ', files.OrderBy(file => file.Key, StringComparer.Ordinal)
                .Select(file => $"{file.Key} {Convert.ToHexString(SHA256.HashData(file.Value))}")));
        }

        return contents;
    }

    private async Task MakeAsync()
    {
        using var random = await RandomVault.CreateAsync(_whole, seed: 1, snapshots: 3);
        var index = await random.Vault.LoadIndexAsync(CancellationToken.None);
        var packs = index.Packs.ToLookup(pack => pack.Blobs.First().Blob.Kind, pack => pack.Id);
        _damaged.AddRange(packs[BlobKind.Data].Take(2).Append(packs[BlobKind.Tree].First())
            .Select(pack => BlobName.Of(BlobType.Data, pack.ToString())));
        _lostIndex = BlobName.Of(BlobType.Index, index.Files[^1].Id.ToString());
    }

    private async Task<IBlobStore> BreakAsync()
    {
        var copy = new MemoryBlobStore();
        foreach (var type in BlobName.Collections)
        {
            foreach (var id in await TestVault.NamesAsync(_whole, type))
            {
                await CopyAsync(BlobName.Of(type, id));
            }
        }

        await CopyAsync(BlobName.Config);
        var files = new DamagedFiles(copy, () => throw new InvalidOperationException("There is no other vault."));
        foreach (var name in _damaged)
        {
            await files.DamageAsync(name, "flip first");
        }

        await copy.DeleteAsync(_lostIndex, CancellationToken.None);
        return files;

        async Task CopyAsync(BlobName name) => await new TestBlob(name, (await new TestBlob(name, []).ReadAsync(_whole))!).PutAsync(copy);
    }
}
