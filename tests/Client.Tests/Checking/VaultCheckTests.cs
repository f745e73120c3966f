using Halley.Client.Checking;
using Halley.Client.Repository;
using Halley.Client.Repository.Packs;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;
using Halley.Client.Tests.Repository;
using Halley.Storage;
using Halley.Storage.Disk;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Checking;

/// <summary>A check finds each damage and says which file has it; a good vault has no findings.</summary>
public sealed class VaultCheckTests
{
    public static TheoryData<BlobType, string> Troubles
    {
        get
        {
            var troubles = new TheoryData<BlobType, string>();
            foreach (var type in new[] { BlobType.Keys, BlobType.Index, BlobType.Snapshots, BlobType.PackIndex, BlobType.Data })
            {
                foreach (var trouble in new[] { "empty", "truncate", "flip first", "flip middle", "flip last", "append", "swap" })
                {
                    troubles.Add(type, trouble);
                }
            }

            troubles.Add(BlobType.Data, "delete");
            return troubles;
        }
    }

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task File_in_trouble_is_found_and_named(BlobType type, string trouble)
    {
        var files = new DamagedFiles(await MakeVaultAsync(), MakeVaultAsync);
        using var vault = await TestVault.OpenAsync(files);
        var name = await files.FirstAsync(type);
        await files.DamageAsync(name, trouble);

        var (result, findings) = await CheckAsync(vault, PackSubset.All);

        Assert.NotEqual(0, result.Damages);
        var finding = findings.First(finding => finding.File == name && finding.IsDamage);
        Assert.Matches("halley|copy|[Cc]heck", finding.Message);
        if (type == BlobType.Data)
        {
            Assert.Equal(trouble switch
            {
                "delete" => VaultFindingKind.MissingPack,
                "empty" or "truncate" or "append" => VaultFindingKind.WrongPackSize,
                _ => finding.Kind,
            }, finding.Kind);
        }
        else
        {
            Assert.Equal(VaultFindingKind.DamagedFile, finding.Kind);
        }
    }

    [Fact]
    public async Task Every_flipped_byte_of_a_pack_is_found_by_reading()
    {
        var store = await MakeVaultAsync();
        foreach (var trouble in new[] { "flip first", "flip middle", "flip last" })
        {
            foreach (var pack in await TestVault.NamesAsync(store, BlobType.Data))
            {
                var name = BlobName.Of(BlobType.Data, pack);
                var files = new DamagedFiles(store, MakeVaultAsync);
                await files.DamageAsync(name, trouble);
                using var vault = await TestVault.OpenAsync(files);

                var (_, findings) = await CheckAsync(vault, PackSubset.All);

                Assert.Contains(findings, finding => finding.Kind == VaultFindingKind.DamagedPack && finding.File == name);
            }
        }
    }

    [Fact]
    public async Task Lost_index_leaves_missing_blobs_and_extra_packs()
    {
        var files = new DamagedFiles(await MakeVaultAsync(), MakeVaultAsync);
        await files.DamageAsync(await files.FirstAsync(BlobType.Index), "delete");
        using var vault = await TestVault.OpenAsync(files);

        var (result, findings) = await CheckAsync(vault, readData: null);

        Assert.Contains(findings, finding => finding.Kind == VaultFindingKind.MissingBlob && finding.Snapshot is not null);
        Assert.Contains(findings, finding => finding.Kind == VaultFindingKind.ExtraPack && !finding.IsDamage);
        Assert.Equal(findings.Count(finding => finding.IsDamage), result.Damages);
    }

    [Fact]
    public async Task Trees_that_make_no_sense_are_found()
    {
        var store = new MemoryBlobStore();
        using var vault = await TestVault.CreateAsync(store);
        var content = TestVault.Bytes(100, 1);
        await SaveAsync(
            vault, content,
            TestVault.FileNode("a wrong size", 101, [BlobId.Of(content)]),
            TestVault.FileNode("b missing", 200, [BlobId.Of(content), BlobId.Of("missing"u8)]),
            TestVault.FileNode("c no content", 1, null!),
            new Node { Name = "d"u8.ToArray(), Type = NodeType.Directory },
            new Node { Name = "e/.."u8.ToArray(), Type = NodeType.Fifo });

        var (_, findings) = await CheckAsync(vault, PackSubset.All);

        Assert.Equal(
            [
                VaultFindingKind.DamagedTree, VaultFindingKind.MissingBlob, VaultFindingKind.DamagedTree, VaultFindingKind.DamagedTree,
                VaultFindingKind.DamagedTree,
            ],
            findings.Select(finding => finding.Kind));
        Assert.Equal(["/a wrong", "/b missi", "/c no co", "/d is a ", "/e/.. ha"], findings.Select(finding => finding.Message[..8]));
    }

    [Fact]
    public async Task Vault_of_restic_has_no_findings_and_groups_of_packs_are_all_packs()
    {
        using var directory = new TemporaryDirectory();
        using var restic = new Restic(directory["repository"], TestVault.Password);
        var source = directory.CreateSubdirectory("source");
        for (var i = 0; i < 20; i++)
        {
            await File.WriteAllBytesAsync(Path.Combine(source, $"{i}"), TestVault.Bytes(1_000_000, i));
        }

        await restic.RunAsync("init");
        await restic.RunAsync("backup", "--pack-size", "4", source);
        using var vault = await TestVault.OpenAsync(new DiskBlobStore(directory["repository"]));

        var (all, findings) = await CheckAsync(vault, PackSubset.All);
        Assert.Empty(findings);
        Assert.Equal((1, all.Packs, 0), (all.Snapshots, all.PacksRead, all.UnusedBlobs));
        Assert.True(all.Packs > 4);
        var read = 0;
        for (var group = 1; group <= 3; group++)
        {
            read += (await CheckAsync(vault, PackSubset.Group(group, 3))).Result.PacksRead;
        }

        Assert.Equal(all.Packs, read);
        Assert.Equal(all.Packs / 2, (await CheckAsync(vault, PackSubset.Percentage(50, new Random(1)))).Result.PacksRead);
        Assert.Equal(1, (await CheckAsync(vault, PackSubset.Percentage(0.1, new Random(1)))).Result.PacksRead);
        Assert.Equal(1, (await CheckAsync(vault, PackSubset.Size(1, new Random(1)))).Result.PacksRead);
        Assert.Equal(all.Packs, (await CheckAsync(vault, PackSubset.Size(1L << 40, new Random(1)))).Result.PacksRead);
        Assert.InRange((await CheckAsync(vault, PackSubset.Size(12_000_000, new Random(1)))).Result.PacksRead, 2, all.Packs - 1);
        await restic.RunAsync("forget", "latest");
        Assert.True((await CheckAsync(vault, readData: null)).Result.UnusedBlobs > 20);
    }

    private static async Task<(CheckResult Result, List<VaultFinding> Findings)> CheckAsync(Vault vault, PackSubset? readData)
    {
        var findings = new List<VaultFinding>();
        var options = new CheckOptions { ReadData = readData, OnFinding = findings.Add };
        return (await VaultCheck.RunAsync(vault, options, CancellationToken.None), findings);
    }

    private static async Task<MemoryBlobStore> MakeVaultAsync()
    {
        var store = new MemoryBlobStore();
        using var vault = await TestVault.CreateAsync(store);
        var snapshot = await TestVault.BackUpAsync(vault, ("one", TestVault.Bytes(5000, 1)), ("two", new byte[5000]));
        var packs = (await vault.LoadIndexAsync(CancellationToken.None)).Packs.Select(pack => pack.Id);
        await vault.PackIndexes.SaveAsync(new(snapshot, [.. packs]), CancellationToken.None);
        return store;
    }

    private static async Task SaveAsync(Vault vault, byte[] content, params Node[] nodes)
    {
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        await using var writer = vault.CreatePackWriter(index);
        using var encoder = vault.CreateEncoder();
        await writer.SaveAsync(BlobKind.Data, BlobId.Of(content), content, encoder, CancellationToken.None);
        var tree = new TreeWriter();
        foreach (var node in nodes)
        {
            tree.Add(node);
        }

        var text = tree.Finish().ToArray();
        await writer.SaveAsync(BlobKind.Tree, BlobId.Of(text), text, encoder, CancellationToken.None);
        await writer.FinishAsync(CancellationToken.None);
        var snapshot = new Snapshot { Time = VaultTime.Now(TimeProvider.System), Tree = BlobId.Of(text), Paths = ["/"] };
        await vault.Snapshots.SaveAsync(snapshot, CancellationToken.None);
    }
}
