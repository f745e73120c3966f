using System.Text;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Packs;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;
using Halley.Client.Restore;
using Halley.Client.Tests.Repository;
using Halley.Storage;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Restore;

/// <summary>Whatever a vault says, nothing outside the target is created, changed or deleted, and the rest is restored.</summary>
public sealed class HostileVaultTests : IDisposable
{
    private static readonly byte[] Evil = "evil"u8.ToArray();

    private readonly TemporaryDirectory _directory = new();

    public HostileVaultTests()
    {
        _directory.CreateSubdirectory("outside");
        File.WriteAllText(_directory["outside", "file"], "good");
        _directory.CreateSubdirectory("target");
    }

    private string Target => _directory["target"];

    public void Dispose()
    {
        Assert.Equal("good", File.ReadAllText(_directory["outside", "file"]));
        Assert.Equal([_directory["outside", "file"]], Directory.EnumerateFileSystemEntries(_directory["outside"]));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(_directory.Path).Count());
        _directory.Dispose();
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("../evil")]
    [InlineData("/evil")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    public async Task Name_that_no_file_can_have_is_skipped_with_a_warning(string name)
    {
        using var vault = await VaultAsync(async maker =>
        {
            var evil = await maker.TreeAsync(await maker.FileAsync("x"));
            var inner = await maker.TreeAsync(Maker.Directory(name, evil));
            return [await maker.FileAsync(name), await maker.FileAsync("z good"), Maker.Directory("zz", inner)];
        });

        var result = await RestoreRun.LatestAsync(vault, Options);

        Assert.Equal(2, result.WarningCount);
        Assert.Equal(["z good", "zz"], NamesIn(Target));
        Assert.Empty(NamesIn(Path.Combine(Target, "zz")));
    }

    [Fact]
    public async Task Link_that_leads_out_is_not_followed_by_the_directory_of_the_same_name()
    {
        File.CreateSymbolicLink(Path.Combine(Target, "dir"), _directory["outside"]);
        using var vault = await VaultAsync(async maker => [Maker.Directory("dir", await maker.TreeAsync(await maker.FileAsync("file")))]);

        var kept = await RestoreRun.LatestAsync(vault, Options with { Overwrite = OverwritePolicy.Never });
        Assert.Equal("/dir", Assert.Single(kept.Warnings).Path);
        Assert.NotNull(new FileInfo(Path.Combine(Target, "dir")).LinkTarget);

        Assert.Empty((await RestoreRun.LatestAsync(vault, Options)).Warnings);
        Assert.Equal(Evil, await File.ReadAllBytesAsync(Path.Combine(Target, "dir", "file")));
    }

    [Fact]
    public async Task Link_and_further_name_that_lead_out_are_replaced_and_not_written_through()
    {
        File.CreateSymbolicLink(Path.Combine(Target, "link"), _directory["outside", "file"]);
        await RestoreRun.ShellAsync("ln ../outside/file hard", Target);
        using var vault = await VaultAsync(async maker => [await maker.FileAsync("hard"), await maker.FileAsync("link")]);

        Assert.Empty((await RestoreRun.LatestAsync(vault, Options)).Warnings);

        Assert.Equal(Evil, await File.ReadAllBytesAsync(Path.Combine(Target, "link")));
        Assert.Equal(Evil, await File.ReadAllBytesAsync(Path.Combine(Target, "hard")));
    }

    [Fact]
    public async Task Names_that_stand_twice_cannot_turn_a_link_into_a_directory()
    {
        using var vault = await VaultAsync(async maker =>
        {
            var outside = Encoding.UTF8.GetBytes(_directory["outside"]);
            var link = Maker.Directory("dir", null) with { Type = NodeType.Symlink, LinkTarget = outside };
            return [link, await maker.FileAsync("dir "), Maker.Directory("dir", await maker.TreeAsync(await maker.FileAsync("file")))];
        });

        Assert.Empty((await RestoreRun.LatestAsync(vault, Options)).Warnings);

        Assert.Equal(Evil, await File.ReadAllBytesAsync(Path.Combine(Target, "dir", "file")));
    }

    [Fact]
    public async Task Deleting_extra_files_does_not_follow_links()
    {
        await RestoreRun.ShellAsync(
            "ln -s ../outside extra; mkdir -p more/deep; ln -s ../../../outside more/deep/link; mkfifo more/pipe", Target);
        using var vault = await VaultAsync(async maker => [await maker.FileAsync("file")]);

        var result = await RestoreRun.LatestAsync(vault, Options with { DeletesExtra = true });

        Assert.Equal(2, result.Deleted);
        Assert.Equal(["file"], NamesIn(Target));
    }

    [Fact]
    public async Task Trees_without_end_are_cut_off()
    {
        using var vault = await VaultAsync(async maker =>
        {
            var tree = await maker.TreeAsync(await maker.FileAsync("bottom"));
            for (var i = 0; i < 200; i++)
            {
                tree = await maker.TreeAsync(Maker.Directory("d", tree));
            }

            return [Maker.Directory("d", tree)];
        });

        var result = await RestoreRun.LatestAsync(vault, Options with { DeepestDirectory = 100 });

        Assert.Contains("deeper than 100", Assert.Single(result.Warnings).Message, StringComparison.Ordinal);
        Assert.Equal(101, result.Created);
        Assert.Empty((await RestoreRun.LatestAsync(vault, Options)).Warnings);
    }

    [Fact]
    public async Task Sizes_content_and_types_that_are_wrong_are_warnings()
    {
        using var vault = await VaultAsync(async maker =>
        {
            var file = await maker.FileAsync("x");
            return
            [
                file with { Name = "a size"u8.ToArray(), Size = ulong.MaxValue },
                file with { Name = "b content"u8.ToArray(), Content = null },
                file with { Name = "c missing"u8.ToArray(), Content = [.. file.Content!, BlobId.Of("missing"u8)] },
                Maker.Directory("d no tree", null),
                Maker.Directory("e other tree", BlobId.Of("missing"u8)),
                Maker.Directory("f tree of data", file.Content![0]),
                Maker.Directory("g link", null) with { Type = NodeType.Symlink },
                Maker.Directory("h socket", null) with { Type = NodeType.Socket },
                file with { Name = "i good"u8.ToArray() },
            ];
        });

        var result = await RestoreRun.LatestAsync(vault, Options);

        Assert.Equal(
            ["/a size", "/b content", "/c missing", "/d no tree", "/e other tree", "/f tree of data", "/g link", "/h socket"],
            result.Warnings.Select(warning => warning.Path));
        Assert.Equal(Evil, await File.ReadAllBytesAsync(Path.Combine(Target, "i good")));
        Assert.Equal(Evil, await File.ReadAllBytesAsync(Path.Combine(Target, "a size")));
    }

    [Fact]
    public async Task Deleting_extra_files_of_the_whole_machine_is_refused()
    {
        using var vault = await VaultAsync(async maker => [await maker.FileAsync("file")]);
        await Assert.ThrowsAsync<ArgumentException>(
            () => RestoreRun.LatestAsync(vault, Options with { Target = "/", DeletesExtra = true }));
    }

    private RestoreOptions Options => new() { Target = Target };

    private static List<string> NamesIn(string directory) =>
        [.. Directory.EnumerateFileSystemEntries(directory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static async Task<Vault> VaultAsync(Func<Maker, Task<IReadOnlyList<Node>>> make)
    {
        var vault = await TestVault.CreateAsync(new MemoryBlobStore());
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        await using var writer = vault.CreatePackWriter(index);
        using var encoder = vault.CreateEncoder();
        var maker = new Maker(writer, encoder);
        var root = await maker.TreeAsync([.. await make(maker)]);
        await writer.FinishAsync(CancellationToken.None);
        var snapshot = new Snapshot { Time = VaultTime.Now(TimeProvider.System), Tree = root, Paths = ["/"] };
        await vault.Snapshots.SaveAsync(snapshot, CancellationToken.None);
        return vault;
    }

    /// <summary>Makes trees in any order and with any name.</summary>
    private sealed class Maker(PackWriter writer, BlobEncoder encoder)
    {
        public async Task<Node> FileAsync(string name)
        {
            var id = BlobId.Of(Evil);
            await writer.SaveAsync(BlobKind.Data, id, Evil, encoder, CancellationToken.None);
            return TestVault.FileNode(name, Evil.Length, [id]);
        }

        public static Node Directory(string name, BlobId? tree) =>
            new() { Name = Encoding.UTF8.GetBytes(name), Type = NodeType.Directory, Mode = NodeMode.Directory | 0x1ED, Subtree = tree };

        public async Task<BlobId> TreeAsync(params Node[] nodes)
        {
            // A writer for each node: one alone would insist on the order of names.
            var texts = nodes.Select(node =>
            {
                var tree = new TreeWriter();
                tree.Add(node);
                return Encoding.UTF8.GetString(tree.Finish().Span)["{\"nodes\":[".Length..^"]}\n".Length];
            });
            var text = Encoding.UTF8.GetBytes($"{{\"nodes\":[{string.Join(',', texts)}]}}\n");
            var id = BlobId.Of(text);
            await writer.SaveAsync(BlobKind.Tree, id, text, encoder, CancellationToken.None);
            return id;
        }
    }
}
