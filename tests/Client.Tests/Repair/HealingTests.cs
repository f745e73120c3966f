using Halley.Client.Backup;
using Halley.Client.Repair;
using Halley.Client.Repository;
using Halley.Client.Repository.Caching;
using Halley.Client.Repository.Trees;
using Halley.Client.Tests.Backup;
using Halley.Client.Tests.Prune;
using Halley.Client.Tests.Repository;
using Halley.Storage;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Repair;

/// <summary>Packs that a vault has lost are filled again from the files of the machine, and what it no longer has is named.</summary>
public sealed class HealingTests : IAsyncLifetime, IDisposable
{
    // Each blob has a pack of its own.
    private static readonly VaultOptions Options = RandomVault.Options with { PackSize = 100, HostName = "here" };

    private readonly TemporaryDirectory _directory = new();
    private readonly MemoryBlobStore _store = new();
    private string _source = "";

    private static HealingOptions Here =>
        new() { MadeWith = snapshot => snapshot.HostName == "here" ? new BackupOptions() : null };

    public async Task InitializeAsync()
    {
        _source = _directory.CreateSubdirectory("source");
        for (var i = 0; i < 6; i++)
        {
            Write($"d{i % 2}/f{i}", TestVault.Bytes(2_000, i));
        }

        (await TestVault.CreateAsync(_store, Options)).Dispose();
        await BackUpAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Lost_packs_are_healed_from_files_and_directories_that_have_not_changed()
    {
        var lost = await LoseAsync(IsOfSource);

        var result = await HealAsync(_store, Here);

        Assert.True(result.IsWhole);
        Assert.Equal((9, 9), (lost.Count, result.BlobsHealed));
        Assert.Equal(lost.Select(pack => $"{pack}").Order(StringComparer.Ordinal), result.Packs.Select(pack => pack.File.Id));
        Assert.All(result.Packs, pack => Assert.Equal((1, 1, true), (pack.BlobsLost, pack.BlobsHealed, pack.IsForgotten)));
        await AssertWholeAsync(_store);
    }

    [Fact]
    public async Task Lost_directories_come_from_the_copies_of_this_machine_though_the_files_are_gone()
    {
        await LoseAsync(pack => pack.Kind == BlobKind.Tree);
        Directory.Move(_source, _directory["elsewhere"]);

        Assert.False((await HealAsync(_store, Here)).IsWhole);
        var result = await HealAsync(_store, Here with { Cache = new MetadataCacheOptions(_directory["cache"]) });

        Assert.True(result.IsWhole);
        Assert.All(result.Packs, pack => Assert.True(pack.IsForgotten));
        Directory.Move(_directory["elsewhere"], _source);
        await AssertWholeAsync(_store);
    }

    [Fact]
    public async Task What_has_changed_since_is_named_and_stays_in_the_index_until_it_is_healed_or_dropped()
    {
        var large = TestVault.Bytes(9_000_000, 7); // more than the longest chunk
        Write("large", large);
        Write("d0/f0", TestVault.Bytes(2_000, 10));
        await BackUpAsync();
        var lost = await LoseAsync(pack => pack.Kind == BlobKind.Data);
        large[^1] ^= 1;
        Write("large", large);
        File.Delete($"{_source}/d1/f1");

        var result = await HealAsync(_store, Here);

        var lossOf = result.HurtSnapshots.OrderBy(snapshot => snapshot.Lost.Count)
            .Select(snapshot => snapshot.Lost.OrderBy(one => one.Path, StringComparer.Ordinal).ToList()).ToList();
        Assert.Equal(
            [[$"{_source}/d0/f0", $"{_source}/d1/f1"], [$"{_source}/d1/f1", $"{_source}/large"]],
            lossOf.Select(loss => loss.Select(one => one.Path).ToList()).OrderBy(paths => paths[0], StringComparer.Ordinal));
        Assert.All(lossOf, loss => Assert.Contains(loss, one => one.Reason.Contains("No such file", StringComparison.Ordinal)));
        Assert.All(lossOf, loss => Assert.Contains(loss, one => one.Reason.Contains("has changed since", StringComparison.Ordinal)));
        Assert.Contains(result.Packs, pack => pack.IsForgotten);
        Assert.Equal(result.Packs.Sum(pack => pack.BlobsHealed), result.BlobsHealed); // nothing else was stored
        var kept = result.Packs.Where(pack => !pack.IsForgotten).ToList();
        Assert.Equal(3, kept.Count); // the first f0, f1, and the last chunk of the large file
        Assert.All(kept, pack => Assert.Equal((1, 0), (pack.BlobsLost, pack.BlobsHealed)));
        using var vault = await TestVault.OpenAsync(_store, Options);
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        Assert.Equal(
            kept.Select(pack => pack.File.Id),
            lost.Where(pack => index.ContainsPack(pack)).Select(pack => $"{pack}").Order(StringComparer.Ordinal));

        var repaired = await BrokenVault.RepairAsync(_store, new RepairOptions());
        Assert.True(repaired.IsWhole);
        Assert.Equal(4, repaired.HurtSnapshots.Sum(snapshot => snapshot.Lost.Count));
    }

    [Fact]
    public async Task Whole_vault_is_not_changed_and_files_that_may_not_be_read_are_left_alone()
    {
        var before = await DescribeAsync();
        var whole = await HealAsync(_store, Here);
        Assert.Equal((true, 0), (whole.IsWhole, whole.Packs.Count));
        Assert.Equal(before, await DescribeAsync());
        await LoseAsync(IsOfSource);

        var result = await HealAsync(_store, Here with { Allows = path => !path.StartsWith(_source, StringComparison.Ordinal) });

        Assert.Equal(0, result.BlobsHealed);
        Assert.Equal(_source, Assert.Single(Assert.Single(result.HurtSnapshots).Lost).Path);
        Assert.All(result.Packs, pack => Assert.False(pack.IsForgotten));
    }

    [Fact]
    public async Task Pack_that_a_snapshot_may_need_which_cannot_be_read_is_not_forgotten()
    {
        var first = await TestVault.NamesAsync(_store, BlobType.Snapshots);
        Write("extra", TestVault.Bytes(2_000, 20));
        await BackUpAsync();
        var name = BlobName.Of(BlobType.Snapshots, (await TestVault.NamesAsync(_store, BlobType.Snapshots)).Except(first).Single());
        await LoseAsync(pack => pack.Kind == BlobKind.Data);
        File.Delete($"{_source}/extra");
        var damaged = new DamagedFiles(_store, () => throw new InvalidOperationException("There is no other vault."));
        await damaged.DamageAsync(name, "flip middle");

        var result = await HealAsync(damaged, Here);

        Assert.Empty(result.HurtSnapshots);
        Assert.Equal((false, name), (result.IsWhole, Assert.Single(result.Unreadable).File));
        Assert.Equal(6, result.Packs.Count(pack => pack.IsForgotten));
        Assert.Equal(0, result.Packs.Single(pack => !pack.IsForgotten).BlobsHealed);
    }

    [Theory]
    [InlineData("source")]
    [InlineData("source/d1")]
    [InlineData(".")]
    public async Task Files_of_a_relative_path_are_read_where_they_were(string path)
    {
        using (var vault = await TestVault.OpenAsync(_store, Options))
        {
            foreach (var (id, _) in await vault.Snapshots.ListAsync(CancellationToken.None))
            {
                await vault.Snapshots.DeleteAsync(id, CancellationToken.None);
            }

            var options = new BackupOptions { Paths = [path], Directory = path == "." ? _source : _directory.Path };
            Assert.NotNull((await VaultBackup.RunAsync(vault, options, CancellationToken.None)).Result);
        }

        await LoseAsync(pack => pack.Kind == BlobKind.Data);

        Assert.True((await HealAsync(_store, Here)).IsWhole);
    }

    [Fact]
    public async Task Two_clients_cannot_heal_at_once()
    {
        await LoseAsync(IsOfSource);
        using var one = await TestVault.OpenAsync(_store, Options);
        using var other = await TestVault.OpenAsync(_store, Options);
        await using (var held = (await one.LockAsync(isExclusive: true, CancellationToken.None)).Lock!)
        {
            Assert.NotEmpty((await other.LockAsync(isExclusive: true, CancellationToken.None)).Conflicts);
            Assert.True((await VaultHealing.RunAsync(one, held, Here, CancellationToken.None)).IsWhole);
        }

        Assert.Equal(0, (await HealAsync(_store, Here)).BlobsHealed);
        await AssertWholeAsync(_store);
    }

    [Fact]
    public async Task Healing_that_stops_at_any_call_of_the_store_loses_nothing_and_the_next_one_finishes()
    {
        await LoseAsync(IsOfSource);
        for (var n = 1; ; n++)
        {
            Assert.InRange(n, 1, 1_000);
            var store = new FaultyBlobStore(await CopyAsync(_store));
            store.FailFromCall(n);
            try
            {
                await HealAsync(store, Here);
            }
            catch (BlobStoreException)
            {
                // This is what a killed process leaves.
            }

            var wasReached = store.HasFailed;
            store.FailCall(0);
            await RandomVault.UnlockAsync(store);

            Assert.True((await HealAsync(store, Here)).IsWhole);
            await AssertWholeAsync(store);
            if (!wasReached)
            {
                Assert.InRange(n, 30, 1_000);
                return;
            }
        }
    }

    // The directories above change while tests run.
    private static bool IsOfSource(LostPack pack) => pack.Kind == BlobKind.Data || pack.Names.Any(name => name is ['d' or 'f', _]);

    private static async Task<HealingResult> HealAsync(IBlobStore store, HealingOptions options)
    {
        using var vault = await TestVault.OpenAsync(store, Options);
        await using var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!;
        return await VaultHealing.RunAsync(vault, held, options, CancellationToken.None);
    }

    private void Write(string name, byte[] content)
    {
        var path = Path.Combine(_source, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    private async Task BackUpAsync()
    {
        using var vault = await TestVault.OpenAsync(_store, Options with { Cache = new MetadataCacheOptions(_directory["cache"]) });
        await VaultBackupTests.BackUpAsync(vault, _source);
    }

    private async Task<List<BlobId>> LoseAsync(Func<LostPack, bool> isLost)
    {
        using var vault = await TestVault.OpenAsync(_store, Options);
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        var lost = new List<BlobId>();
        foreach (var pack in index.Packs)
        {
            var blobs = pack.Blobs.Select(entry => entry.Blob).ToList();
            var names = new List<string>();
            foreach (var blob in blobs.Where(blob => blob.Kind == BlobKind.Tree))
            {
                names.AddRange((await vault.ReadTreeAsync(index, blob.Id, CancellationToken.None)).Nodes.Select(node => node.DisplayName));
            }

            if (isLost(new LostPack(blobs[0].Kind, names)))
            {
                lost.Add(pack.Id);
            }
        }

        foreach (var pack in lost)
        {
            await _store.DeleteAsync(BlobName.Of(BlobType.Data, $"{pack}"), CancellationToken.None);
        }

        return lost;
    }

    private static async Task AssertWholeAsync(IBlobStore store)
    {
        using var vault = await TestVault.OpenAsync(store, Options);
        await RandomVault.AssertCleanAsync(vault);
        Assert.All(await TestVault.ReadAllAsync(vault), file => Assert.Equal(File.ReadAllBytes(file.Key), file.Value));
    }

    private async Task<string> DescribeAsync()
    {
        var names = new List<string>();
        foreach (var type in BlobName.Collections)
        {
            names.AddRange(await TestVault.NamesAsync(_store, type));
        }

        return string.Join('\n', names.Order(StringComparer.Ordinal));
    }

    private static async Task<MemoryBlobStore> CopyAsync(IBlobStore store)
    {
        var copy = new MemoryBlobStore();
        foreach (var type in BlobName.Collections)
        {
            foreach (var id in await TestVault.NamesAsync(store, type))
            {
                await PutAsync(BlobName.Of(type, id));
            }
        }

        await PutAsync(BlobName.Config);
        return copy;

        async Task PutAsync(BlobName name) => await new TestBlob(name, (await new TestBlob(name, []).ReadAsync(store))!).PutAsync(copy);
    }

    private sealed record LostPack(BlobKind Kind, IReadOnlyList<string> Names);
}
