using Halley.Client.Checking;
using Halley.Client.Repair;
using Halley.Client.Repository;
using Halley.Client.Repository.Packs;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;
using Halley.Client.Tests.Backup;
using Halley.Client.Tests.Prune;
using Halley.Client.Tests.Repository;
using Halley.Storage;
using Halley.Storage.Disk;

namespace Halley.Client.Tests.Repair;

/// <summary>A damaged vault becomes whole again, what is lost is named exactly, and nothing else is lost.</summary>
public sealed class VaultRepairTests
{
    private static readonly string[] AllTroubles =
        ["delete", "empty", "truncate", "append", "flip first", "flip middle", "flip last", "swap"];

    public static TheoryData<BlobType> Types => [BlobType.Index, BlobType.Snapshots, BlobType.PackIndex];

    public static TheoryData<BlobKind> Kinds => [BlobKind.Data, BlobKind.Tree];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task File_in_any_trouble_costs_no_more_than_itself(BlobType type)
    {
        foreach (var trouble in AllTroubles)
        {
            using var broken = await BrokenVault.CreateAsync(seed: 1, snapshots: 3);
            var name = await broken.FirstAsync(type);
            await broken.DamageAsync(name, trouble);

            var result = await broken.RepairAsync();

            Assert.True(result.IsWhole, trouble);
            Assert.Empty(result.HurtSnapshots);
            if (trouble == "delete")
            {
                Assert.Empty(result.DamagedFiles); // nothing says that there was one
            }
            else
            {
                var damaged = Assert.Single(result.DamagedFiles);
                Assert.Equal(name, damaged.File);
                Assert.NotEmpty(damaged.Reason);
            }

            await broken.AssertRepairedAsync(result, type == BlobType.Snapshots ? [BlobId.Parse(name.Id)] : []);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Pack_in_any_trouble_costs_only_what_is_reported(BlobKind kind)
    {
        foreach (var trouble in AllTroubles)
        {
            using var broken = await BrokenVault.CreateAsync(seed: 2, snapshots: 3);
            var name = await broken.PackAsync(kind);
            await broken.DamageAsync(name, trouble);
            var before = broken.Describe();

            var planned = await broken.RepairAsync(new() { IsDryRun = true });
            Assert.Equal(before, broken.Describe());
            var result = await broken.RepairAsync();

            Assert.False(planned.IsWhole);
            Assert.True(result.IsWhole, trouble);
            Assert.Equal(Lost(planned), Lost(result));
            var damaged = Assert.Single(result.DamagedFiles);
            Assert.Equal(name, damaged.File);
            Assert.Equal(trouble != "delete", damaged.KeptAs is not null);
            await broken.AssertRepairedAsync(result);
            Assert.Equal(trouble is "append" or "flip last", result.HurtSnapshots.Count == 0); // all blobs are good
            if (trouble is "append" or "flip last" || (kind == BlobKind.Data && trouble is "flip first" or "flip middle"))
            {
                Assert.True(result.BlobsSaved > 0, trouble);
            }
            else if (trouble is "delete" or "empty" or "swap")
            {
                Assert.Equal(0, result.BlobsSaved);
            }
        }
    }

    [Fact]
    public async Task Damaged_files_are_set_aside_byte_for_byte()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 3, snapshots: 2);
        var names = new[]
        {
            await broken.PackAsync(BlobKind.Data), await broken.FirstAsync(BlobType.Index), await broken.FirstAsync(BlobType.Snapshots),
        };
        foreach (var name in names)
        {
            await broken.DamageAsync(name, "flip middle");
        }

        var contents = names.ToDictionary(name => name, name => File.ReadAllBytes(broken.PathOf(name)));
        var result = await broken.RepairAsync();

        Assert.Equal(names.ToHashSet(), result.DamagedFiles.Select(file => file.File).ToHashSet());
        foreach (var file in result.DamagedFiles)
        {
            Assert.Equal(contents[file.File], await new TestBlob(file.KeptAs!.Value, []).ReadAsync(broken.Aside));
            Assert.False(File.Exists(broken.PathOf(file.File)));
        }

        await broken.AssertRepairedAsync(result, BlobId.Parse(names[2].Id));
    }

    [Fact]
    public async Task Snapshots_that_lost_something_go_as_a_whole_when_told_so()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 4, snapshots: 4);
        await broken.DamageAsync(await broken.PackAsync(BlobKind.Data), "delete");

        var result = await broken.RepairAsync(new() { Losses = LossPolicy.DropSnapshots, Aside = broken.Aside });

        Assert.True(result.IsWhole);
        Assert.NotEmpty(result.HurtSnapshots);
        Assert.All(result.HurtSnapshots, hurt => Assert.Null(hurt.NewId));
        await broken.AssertRepairedAsync(result);
        Assert.Equal(
            result.HurtSnapshots.Select(hurt => hurt.Id.ToString()).Order(),
            (await TestVault.NamesAsync(broken.Aside, BlobType.Snapshots)).Order());
    }

    [Fact]
    public async Task Snapshot_without_its_lost_files_says_that_it_is_partial_and_what_it_was()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 5, snapshots: 5);
        await broken.DamageAsync(await broken.PackAsync(BlobKind.Data), "delete");

        var hurt = (await broken.RepairAsync()).HurtSnapshots.First(snapshot => snapshot.NewId is not null);

        using var vault = await broken.OpenAsync();
        var anew = (await vault.Snapshots.TryReadAsync(hurt.NewId!.Value, CancellationToken.None))!;
        Assert.Equal(hurt.Id, anew.Original);
        Assert.Equal(hurt.Snapshot.Time, anew.Time);
        Assert.Equal("\"partial\":true", System.Text.Encoding.UTF8.GetString(Assert.Single(anew.UnknownMembers).Span));
    }

    [Fact]
    public async Task Blob_that_was_bad_when_it_was_written_is_found_although_the_pack_has_its_name()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 6, snapshots: 2);
        var bad = await StoreBadSnapshotAsync(broken);

        // The bad blob is a directory, so its pack comes under suspicion although no pack was to be read.
        var result = await broken.RepairAsync(new() { ReadsData = false });

        Assert.True(result.IsWhole);
        Assert.Contains("fault", Assert.Single(result.DamagedFiles).Reason, StringComparison.Ordinal);
        Assert.Equal((bad, "/"), (Assert.Single(result.HurtSnapshots).Id, result.HurtSnapshots[0].Lost[0].Path));
        await broken.AssertRepairedAsync(result with { HurtSnapshots = [] });
    }

    [Fact]
    public async Task Directories_that_make_no_sense_lose_only_those_entries()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 7, snapshots: 1);
        var content = TestVault.Bytes(100, 1);
        BlobId snapshot;
        using (var vault = await broken.OpenAsync())
        {
            snapshot = await SaveAsync(
                vault, content,
                TestVault.FileNode("a wrong size", 101, [BlobId.Of(content)]),
                TestVault.FileNode("b missing", 200, [BlobId.Of(content), BlobId.Of("missing"u8)]),
                TestVault.FileNode("c no content", 1, null!),
                new Node { Name = "d"u8.ToArray(), Type = NodeType.Directory },
                new Node { Name = "e/.."u8.ToArray(), Type = NodeType.Fifo },
                TestVault.FileNode("f good", 100, [BlobId.Of(content)]));
        }

        var result = await broken.RepairAsync();

        var hurt = Assert.Single(result.HurtSnapshots);
        Assert.Equal((snapshot, true), (hurt.Id, result.IsWhole));
        Assert.Equal(["/sub/b missing", "/sub/c no content", "/sub/d", "/sub/e/.."], hurt.Lost.Select(lost => lost.Path));
        broken.Random.Expected[hurt.NewId!.Value] = new()
        {
            ["/beside"] = content,
            ["/sub/a wrong size"] = content,
            ["/sub/f good"] = content,
        };
        await broken.AssertRepairedAsync(result with { HurtSnapshots = [] });
    }

    [Fact]
    public async Task Damaged_key_file_is_reported_and_left_alone()
    {
        using var broken = await BrokenVault.CreateAsync(seed: 8, snapshots: 1);
        using (var vault = await broken.OpenAsync())
        {
            await vault.Keys.AddAsync("second".AsMemory(), TestVault.Cheap, CancellationToken.None);
        }

        var keys = await TestVault.NamesAsync(broken.Store, BlobType.Keys);
        using var opened = await broken.OpenAsync("second");
        var first = keys.Single(key => BlobId.Parse(key) != opened.Keys.Current);
        await broken.DamageAsync(BlobName.Of(BlobType.Keys, first), "flip middle");
        await using var held = (await opened.LockAsync(isExclusive: true, CancellationToken.None)).Lock!;

        var result = await VaultRepair.RunAsync(opened, held, new RepairOptions { Aside = broken.Aside }, CancellationToken.None);

        Assert.True(result.IsWhole);
        Assert.Equal(first, Assert.Single(result.DamagedFiles).File.Id);
        Assert.Equal(2, (await TestVault.NamesAsync(broken.Store, BlobType.Keys)).Count);
    }

    [Fact]
    public async Task Restic_finds_the_repaired_vault_of_a_real_tree_clean_and_restores_it()
    {
        await using var tree = await SourceTree.CreateAsync(9);
        using var directory = new TemporaryDirectory();
        var repository = directory["repository"];
        using var restic = new Restic(repository, TestVault.Password);
        using var vault = await TestVault.CreateAsync(new DiskBlobStore(repository), new VaultOptions { PackSize = 300_000 });
        await VaultBackupTests.BackUpAsync(vault, tree.Path);
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        var packs = index.Packs.Where(pack => pack.Blobs.First().Blob.Kind == BlobKind.Data).Select(pack => pack.Id);
        var random = new Random(9);
        foreach (var pack in packs.Take(3))
        {
            var path = Path.Combine(repository, "data", pack.ToString()[..2], pack.ToString());
            var content = await File.ReadAllBytesAsync(path);
            content[random.Next(content.Length)] ^= 0x10;
            File.Delete(path);
            await File.WriteAllBytesAsync(path, content);
        }

        await using (var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!)
        {
            var result = await VaultRepair.RunAsync(vault, held, new RepairOptions(), CancellationToken.None);
            Assert.True(result.IsWhole);
            Assert.Equal(3, result.DamagedFiles.Count);
            Assert.InRange(result.HurtSnapshots.Sum(hurt => hurt.Lost.Count), 1, 10);
        }

        await restic.RunAsync("check", "--read-data");
        await restic.RunAsync("restore", "latest", "--target", directory["restored"]);
        await ExternalProgram.RunAsync("/bin/rm", ["-rf", directory["restored"]]);

        // The next backup stores what was lost anew.
        await VaultBackupTests.BackUpAsync(vault, tree.Path);
        await restic.RunAsync("check", "--read-data");
        await restic.RunAsync("restore", "latest", "--target", directory["restored"]);
        var restored = await SourceTree.DescribeAsync(directory["restored"] + tree.Path);
        await ExternalProgram.RunAsync("/bin/rm", ["-rf", directory["restored"]]);
        Assert.Equal(await SourceTree.DescribeAsync(tree.Path), restored);
    }

    private static IEnumerable<string> Lost(RepairResult result) => result.HurtSnapshots
        .SelectMany(hurt => hurt.Lost.Select(lost => $"{hurt.Id} {lost.Path} {lost.Reason}"))
        .Order(StringComparer.Ordinal);

    // What a machine with a bad memory does: a pack whose name is right, with a directory that is not what its id says.
    private static async Task<BlobId> StoreBadSnapshotAsync(BrokenVault broken)
    {
        using var vault = await broken.OpenAsync();
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        var id = BlobId.Of("the directory that was meant"u8);
        await using var writer = vault.CreatePackWriter(index);
        using var encoder = vault.CreateEncoder();
        var other = encoder.Encode(BlobKind.Tree, Tree.Empty.Id, Tree.Empty.Text.Span, out var sealedText);
        await writer.CopyAsync(other with { Id = id }, sealedText, CancellationToken.None);
        await writer.FinishAsync(CancellationToken.None);
        return await vault.Snapshots.SaveAsync(
            new Snapshot { Time = VaultTime.Now(vault.Options.Time), Tree = id, Paths = ["/"] }, CancellationToken.None);
    }

    private static async Task<BlobId> SaveAsync(Vault vault, byte[] content, params Node[] nodes)
    {
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        await using var writer = vault.CreatePackWriter(index);
        using var encoder = vault.CreateEncoder();
        await writer.SaveAsync(BlobKind.Data, BlobId.Of(content), content, encoder, CancellationToken.None);
        var sub = await SaveTreeAsync(nodes);
        var root = await SaveTreeAsync(
            TestVault.FileNode("beside", 100, [BlobId.Of(content)]),
            new Node { Name = "sub"u8.ToArray(), Type = NodeType.Directory, Subtree = sub });
        await writer.FinishAsync(CancellationToken.None);
        var snapshot = new Snapshot { Time = VaultTime.Now(vault.Options.Time), Tree = root, Paths = ["/"] };
        return await vault.Snapshots.SaveAsync(snapshot, CancellationToken.None);

        async Task<BlobId> SaveTreeAsync(params Node[] entries)
        {
            var tree = new TreeWriter();
            foreach (var node in entries)
            {
                tree.Add(node);
            }

            var text = tree.Finish().ToArray();
            await writer.SaveAsync(BlobKind.Tree, BlobId.Of(text), text, encoder, CancellationToken.None);
            return BlobId.Of(text);
        }
    }
}
