using Halley.Client.Prune;
using Halley.Client.Repository;
using Halley.Client.Repository.Packs;
using Halley.Client.Tests.Repository;
using Halley.Storage;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Prune;

/// <summary>What a prune removes and keeps, with which options, and when it refuses.</summary>
public sealed class VaultPruneTests : IDisposable
{
    private readonly MemoryBlobStore _store = new();
    private RandomVault _random = null!;

    public void Dispose() => _random?.Dispose();

    [Fact]
    public async Task Everything_unused_goes_and_all_else_stays()
    {
        await MakeAsync(seed: 1, snapshots: 6);
        await _random.ForgetAsync(_random.Expected.Keys.Take(4));
        await TestBlob.Of(BlobType.Data, 5_000, seed: 7).PutAsync(_store); // what an interrupted backup left
        var before = await SizeAsync();

        var planned = await _random.PruneAsync(new() { IsDryRun = true, MaxUnused = new UnusedLimit(0, null) });
        Assert.Equal(before, await SizeAsync());
        var stages = new HashSet<PruneStage>();
        var result = await _random.PruneAsync(
            new() { MaxUnused = new UnusedLimit(0, null), OnProgress = progress => stages.Add(progress.Stage) });

        Assert.Equal(planned, result with { PackIndexesWritten = 0 });
        Assert.Equal(Enum.GetValues<PruneStage>().ToHashSet(), stages);
        Assert.Equal((0, 1, 5_000), (result.UnusedBytesLeft, result.UnindexedPacks.Count, result.UnindexedPacks.Bytes));
        Assert.True(result.UnusedBlobs.Count > 0 && result.RepackedPacks.Count > 0 && result.DeletedPacks.Count > 0);
        Assert.InRange(before - await SizeAsync(), result.FreedBytes - 5_000, result.FreedBytes + 5_000);
        await _random.AssertRestorableAsync();
        await RandomVault.AssertCleanAsync(_random.Vault);

        var again = await _random.PruneAsync(new() { MaxUnused = new UnusedLimit(0, null) });
        Assert.Equal((0, 0, 0), (again.UnusedBlobs.Count, again.RepackedPacks.Count, again.DeletedPacks.Count));
        Assert.Equal(0, again.PackIndexesWritten);
    }

    [Fact]
    public async Task Vault_without_snapshots_becomes_empty()
    {
        await MakeAsync(seed: 2, snapshots: 3);
        await _random.ForgetAsync(_random.Expected.Keys);

        await _random.PruneAsync();

        foreach (var type in new[] { BlobType.Data, BlobType.Index, BlobType.PackIndex, BlobType.Locks })
        {
            Assert.Empty(await TestVault.NamesAsync(_store, type));
        }

        await _random.BackUpAsync();
        await _random.AssertRestorableAsync();
    }

    [Fact]
    public async Task Limits_say_how_much_unused_data_stays_and_how_much_is_written_again()
    {
        await MakeAsync(seed: 3, snapshots: 8);
        await _random.ForgetAsync(_random.Expected.Keys.Take(6));
        async Task<PruneResult> PlanAsync(PruneOptions options) => await _random.PruneAsync(options with { IsDryRun = true });

        var all = await PlanAsync(new() { MaxUnused = new UnusedLimit(0, null) });
        var percent = await PlanAsync(new() { MaxUnused = new UnusedLimit(null, 20) });
        var unlimited = await PlanAsync(new() { MaxUnused = UnusedLimit.Unlimited });
        var little = await PlanAsync(new() { MaxUnused = new UnusedLimit(0, null), MaxRepackBytes = 25_000 });
        var none = await PlanAsync(new() { MaxUnused = new UnusedLimit(0, null), MaxRepackBytes = 0 });
        var cacheable = await PlanAsync(new() { MaxUnused = new UnusedLimit(0, null), RepacksCacheableOnly = true });

        Assert.InRange(percent.UnusedBytesLeft, 1, percent.UsedBlobs.Bytes / 4);
        Assert.True(percent.RepackedPacks.Count < all.RepackedPacks.Count);
        Assert.InRange(little.RepackedPacks.Bytes, 1, 25_000);
        Assert.Equal((0, all.DeletedPacks), (none.RepackedPacks.Count, none.DeletedPacks));
        var packs = (await _random.Vault.LoadIndexAsync(CancellationToken.None)).Packs;
        var treePacks = packs.Count(pack => pack.Blobs.All(entry => entry.Blob.Kind == BlobKind.Tree));
        Assert.InRange(cacheable.RepackedPacks.Count, 0, treePacks);
        Assert.Equal(cacheable.RepackedPacks, unlimited.RepackedPacks); // directories are always tidied up
        Assert.True(unlimited.UnusedBytesLeft > percent.UnusedBytesLeft);
    }

    [Fact]
    public async Task Small_packs_are_joined_when_there_are_enough_of_them()
    {
        await MakeAsync(seed: 4, snapshots: 9);

        Assert.Equal(0, (await _random.PruneAsync()).RepackedPacks.Count);
        var before = (await TestVault.NamesAsync(_store, BlobType.Data)).Count;
        var result = await _random.PruneAsync(new() { RepacksSmall = true });

        Assert.True(result.RepackedPacks.Count >= 10);
        Assert.InRange((await TestVault.NamesAsync(_store, BlobType.Data)).Count, 1, before / 2);
        await _random.AssertRestorableAsync();
        await RandomVault.AssertCleanAsync(_random.Vault);
    }

    [Fact]
    public async Task Blobs_that_were_stored_uncompressed_are_compressed_on_request()
    {
        using var directory = new TemporaryDirectory();
        using var restic = new Restic(directory["repository"], TestVault.Password);
        await File.WriteAllBytesAsync(directory["zeros"], new byte[3_000_000]);
        await File.WriteAllBytesAsync(directory["random"], TestVault.Bytes(1_000_000, 1));
        await restic.RunAsync("init");
        await restic.RunAsync("backup", "--compression", "off", directory["zeros"], directory["random"]);
        using var vault = await TestVault.OpenAsync(new Storage.Disk.DiskBlobStore(directory["repository"]));
        Assert.Equal(0, (await RandomVault.PruneAsync(vault)).RepackedPacks.Count);

        var result = await RandomVault.PruneAsync(vault, new() { RepacksUncompressed = true });

        Assert.Equal(1, result.RepackedPacks.Count);
        await restic.RunAsync("check", "--read-data");
        var blobs = (await vault.LoadIndexAsync(CancellationToken.None)).Packs.SelectMany(pack => pack.Blobs).Select(entry => entry.Blob);
        Assert.InRange(blobs.Where(blob => blob.Kind == BlobKind.Data).Sum(blob => blob.Length), 1_000_000, 1_100_000);
        Assert.Equal(new byte[3_000_000], (await TestVault.ReadAllAsync(vault))[directory["zeros"]]);
    }

    [Fact]
    public async Task Missing_or_short_pack_that_a_snapshot_needs_stops_it_before_anything_changes()
    {
        await MakeAsync(seed: 5, snapshots: 4);
        await _random.ForgetAsync(_random.Expected.Keys.Take(2));
        foreach (var trouble in new[] { "delete", "truncate" })
        {
            var files = new DamagedFiles(_store, () => throw new InvalidOperationException("There is no other vault."));
            var name = BlobName.Of(BlobType.Data, (await PacksOfNewestAsync(_random.Vault))[0].ToString());
            await files.DamageAsync(name, trouble);
            using var vault = await TestVault.OpenAsync(files, RandomVault.Options);
            var before = await SizeAsync();

            var error = await Assert.ThrowsAsync<VaultException>(() => RandomVault.PruneAsync(vault));

            Assert.Contains("othing was changed", error.Message, StringComparison.Ordinal);
            Assert.Equal(before, await SizeAsync());
        }
    }

    [Fact]
    public async Task Missing_blob_is_named_with_its_snapshot_and_file_and_nothing_changes()
    {
        await MakeAsync(seed: 6, snapshots: 3);
        var index = await _random.Vault.LoadIndexAsync(CancellationToken.None);
        var newest = (await _random.Vault.Snapshots.ListAsync(CancellationToken.None))[^1];
        var file = (await _random.Vault.ReadTreeAsync(index, newest.Snapshot.Tree, CancellationToken.None)).Nodes.First();
        index.TryFind(BlobKind.Data, file.Content![0], out var location);
        await _random.Vault.RewriteIndexAsync(index, pack => pack != location.Pack, [], CancellationToken.None);
        var before = await SizeAsync();

        var error = await Assert.ThrowsAsync<VaultException>(() => _random.PruneAsync());

        Assert.Equal(VaultFault.Missing, error.Fault);
        Assert.Matches($"in no index: .*{file.Content[0].ShortText} for /.*{file.DisplayName} in snapshot .*halley reindex", error.Message);
        Assert.Equal(before, await SizeAsync());
        Assert.Equal(3, (await TestVault.NamesAsync(_store, BlobType.Snapshots)).Count);
    }

    [Theory]
    [InlineData(BlobType.Snapshots)]
    [InlineData(BlobType.Index)]
    public async Task Unreadable_snapshot_or_index_stops_it(BlobType type)
    {
        await MakeAsync(seed: 7, snapshots: 3);
        await _random.ForgetAsync(_random.Expected.Keys.First());
        var files = new DamagedFiles(_store, () => throw new InvalidOperationException("There is no other vault."));
        await files.DamageAsync(await files.FirstAsync(type), "flip middle");
        using var vault = await TestVault.OpenAsync(files, RandomVault.Options);
        var before = await SizeAsync();

        Assert.Equal(VaultFault.Damaged, await TestVault.FaultOfAsync(() => RandomVault.PruneAsync(vault)));
        Assert.Equal(before, await SizeAsync());
    }

    [Fact]
    public async Task Damaged_blob_of_a_pack_that_is_written_again_is_taken_from_its_other_copy()
    {
        await MakeAsync(seed: 8, snapshots: 2);
        var old = (await PacksOfNewestAsync(_random.Vault)).ToHashSet();
        await CopyPacksAsync(old);
        var files = new DamagedFiles(_store, () => throw new InvalidOperationException("There is no other vault."));
        foreach (var pack in old)
        {
            await files.DamageAsync(BlobName.Of(BlobType.Data, pack.ToString()), "flip first");
        }

        using var vault = await TestVault.OpenAsync(files, RandomVault.Options);
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        var packs = index.Packs.Where(pack => old.Contains(pack.Id)).ToList();
        await new Repacking(vault, index, _ => true, _ => false).RunAsync(packs, onPack: null, CancellationToken.None);
        await vault.RewriteIndexAsync(index, pack => !old.Contains(pack), [], CancellationToken.None);

        await RandomVault.AssertRestorableAsync(vault, _random.Expected);
        Assert.True((await RandomVault.PruneAsync(vault)).DuplicateBlobs.Count > 0);
        Assert.Equal(0, (await RandomVault.PruneAsync(vault)).DuplicateBlobs.Count);
        await RandomVault.AssertCleanAsync(vault);
        await RandomVault.AssertRestorableAsync(vault, _random.Expected);
    }

    [Fact]
    public async Task Prune_and_other_work_exclude_each_other()
    {
        await MakeAsync(seed: 9, snapshots: 2);
        using var other = await TestVault.OpenAsync(_store, RandomVault.Options);
        await using (var held = (await _random.Vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!)
        {
            Assert.Single((await other.LockAsync(isExclusive: true, CancellationToken.None)).Conflicts);
            Assert.Single((await other.LockAsync(isExclusive: false, CancellationToken.None)).Conflicts);
        }

        await using var shared = (await other.LockAsync(isExclusive: false, CancellationToken.None)).Lock!;
        Assert.Single((await _random.Vault.LockAsync(isExclusive: true, CancellationToken.None)).Conflicts);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => VaultPrune.RunAsync(other, shared, new PruneOptions(), CancellationToken.None));
    }

    [Fact]
    public async Task Prune_stops_when_its_lock_is_lost()
    {
        await MakeAsync(seed: 10, snapshots: 3);
        await _random.ForgetAsync(_random.Expected.Keys.First());
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        using var vault = await TestVault.OpenAsync(_store, RandomVault.Options with { Time = new ImpatientClock(time) });
        await using var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!;
        var before = await SizeAsync();
        var options = new PruneOptions
        {
            OnProgress = progress =>
            {
                if (progress is { Stage: PruneStage.Reading, Done: 1 })
                {
                    RandomVault.UnlockAsync(_store).GetAwaiter().GetResult(); // another client found it stale
                    time.SetUtcNow(time.GetUtcNow().AddHours(1));
                }
            },
        };

        Assert.Equal(
            VaultFault.LockLost,
            await TestVault.FaultOfAsync(() => VaultPrune.RunAsync(vault, held, options, CancellationToken.None)));
        Assert.Equal(before, await SizeAsync());
    }

    [Theory]
    [InlineData("5%", null, 5.0)]
    [InlineData("0", 0L, null)]
    [InlineData("200M", 200L << 20, null)]
    [InlineData("1.5g", 3L << 29, null)]
    [InlineData("unlimited", null, null)]
    public void Limits_are_read_as_restic_reads_them(string text, long? bytes, double? percent)
    {
        Assert.True(UnusedLimit.TryParse(text, out var limit));
        Assert.Equal(new UnusedLimit(bytes, percent), limit);
    }

    [Theory]
    [InlineData("")]
    [InlineData("%")]
    [InlineData("101%")]
    [InlineData("-1")]
    [InlineData("5x")]
    [InlineData("99999999999T")]
    public void Other_limits_are_refused(string text) => Assert.False(UnusedLimit.TryParse(text, out _));

    private async Task MakeAsync(int seed, int snapshots) => _random = await RandomVault.CreateAsync(_store, seed, snapshots);

    private async Task<long> SizeAsync()
    {
        var size = 0L;
        foreach (var type in new[] { BlobType.Data, BlobType.Index, BlobType.Snapshots, BlobType.PackIndex })
        {
            size += (await TestBlob.ListAsync(_store, type)).Sum(entry => entry.Length);
        }

        return size;
    }

    private static async Task<List<BlobId>> PacksOfNewestAsync(Vault vault)
    {
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        var newest = (await vault.Snapshots.ListAsync(CancellationToken.None))[^1];
        return [.. await new PackWalk(vault, index).FindAsync(newest.Snapshot.Tree, CancellationToken.None)];
    }

    // As two clients do that back up at the same time.
    private async Task CopyPacksAsync(IEnumerable<BlobId> packs)
    {
        var index = await _random.Vault.LoadIndexAsync(CancellationToken.None);
        await using var writer = _random.Vault.CreatePackWriter(index);
        using var decoder = _random.Vault.CreateDecoder();
        foreach (var id in packs)
        {
            using var pack = (await _random.Vault.OpenPackAsync(id, CancellationToken.None))!;
            var blobs = await pack.ReadHeaderAsync(decoder, CancellationToken.None);
            await pack.ReadSealedAsync(
                blobs, decoder,
                (blob, sealedText) => writer.CopyAsync(blob.Blob, sealedText, CancellationToken.None),
                CancellationToken.None);
        }

        await writer.FinishAsync(CancellationToken.None);
    }
}
