using Halley.Client.Prune;
using Halley.Client.Tests.Repository;
using Halley.Storage;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Prune;

/// <summary>Wherever a prune stops, every snapshot can be restored, and the next one finishes the work.</summary>
public sealed class PruneCrashTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prune_that_stops_at_any_call_of_the_store_loses_nothing(bool staysDown)
    {
        for (var n = 1; ; n++)
        {
            Assert.InRange(n, 1, 1_000);
            var inner = new MemoryBlobStore();
            var store = new FaultyBlobStore(inner);
            using var random = await RandomVault.CreateAsync(store, seed: 11, snapshots: 4);
            await random.ForgetAsync(random.Expected.Keys.Take(2));
            await TestBlob.Of(BlobType.Data, 500, seed: 7).PutAsync(store);
            var options = new PruneOptions { MaxUnused = new UnusedLimit(0, null) };
            var hasFailed = false;
            if (staysDown)
            {
                store.FailFromCall(n);
            }
            else
            {
                store.FailCall(n);
            }

            try
            {
                await random.PruneAsync(options);
            }
            catch (BlobStoreException)
            {
                hasFailed = true;
            }

            var wasReached = store.HasFailed;
            store.FailCall(0);
            await RandomVault.UnlockAsync(inner);
            await random.AssertRestorableAsync();
            if (hasFailed)
            {
                await random.BackUpAsync(); // dedupes against whatever is there now
                await random.PruneAsync(options);
                await random.AssertRestorableAsync();
                await RandomVault.AssertCleanAsync(random.Vault);
                Assert.Equal(0, (await random.PruneAsync(options with { IsDryRun = true })).FreedBytes);
            }

            if (!wasReached)
            {
                Assert.InRange(n, 30, 1_000);
                return;
            }
        }
    }
}
