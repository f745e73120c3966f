using System.Text;
using Halley.Client.Backup;
using Halley.Client.Repository;
using Halley.Client.Repository.Trees;
using Halley.Client.Selection;
using Halley.Client.Tests.Repository;
using Halley.Storage;
using Halley.Storage.Disk;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Backup;

/// <summary>The judge is restic itself: it restores what this client backs up, and neither sees a change where none is.</summary>
public sealed class VaultBackupTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _repository;

    public VaultBackupTests() => _repository = _directory["repository"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Restic_checks_and_restores_all_kinds_of_files(int seed)
    {
        await using var tree = await SourceTree.CreateAsync(seed);
        using var restic = new Restic(_repository, TestVault.Password);
        using var vault = await TestVault.CreateAsync(new DiskBlobStore(_repository));

        var result = await BackUpAsync(vault, tree.Path);

        Assert.Empty(result.Warnings);
        await restic.RunAsync("check", "--read-data");
        var target = _directory["restored"];
        await restic.RunAsync("restore", "latest", "--target", target);
        var restored = await SourceTree.DescribeAsync(target + tree.Path);
        await ExternalProgram.RunAsync("/bin/rm", ["-rf", target]);
        Assert.Equal(await SourceTree.DescribeAsync(tree.Path), restored);
    }

    [Fact]
    public async Task Neither_program_sees_a_change_after_a_backup_of_the_other()
    {
        await using var tree = await SourceTree.CreateAsync(3);
        using var restic = new Restic(_repository, TestVault.Password);
        using var vault = await TestVault.CreateAsync(new DiskBlobStore(_repository));
        var ours = await BackUpAsync(vault, tree.Path);

        var run = await restic.RunAsync("backup", "--host", vault.Options.HostName, tree.Path);
        Assert.Matches("(?m)^Files: +0 new, +0 changed,", run.StandardOutput);

        var theirs = (await vault.Snapshots.ListAsync(CancellationToken.None))[^1];
        Assert.NotEqual(ours.Id, theirs.Id);
        Assert.Equal(await TreeAtAsync(vault, ours.Snapshot.Tree, tree.Path), await TreeAtAsync(vault, theirs.Snapshot.Tree, tree.Path));

        var again = await BackUpAsync(vault, tree.Path);
        Assert.Equal(theirs.Id, again.Snapshot.Parent);
        Assert.Equal(0ul, again.Snapshot.Summary!.FilesNew + again.Snapshot.Summary.FilesChanged + again.Snapshot.Summary.DataBlobs);
        Assert.Equal(await TreeAtAsync(vault, ours.Snapshot.Tree, tree.Path), await TreeAtAsync(vault, again.Snapshot.Tree, tree.Path));
    }

    [Fact]
    public async Task Backup_into_a_vault_that_restic_wrote_reads_no_file()
    {
        await using var tree = await SourceTree.CreateAsync(4);
        using var restic = new Restic(_repository, TestVault.Password);
        await restic.RunAsync("init");
        using var vault = await TestVault.OpenAsync(new DiskBlobStore(_repository));
        await restic.RunAsync("backup", "--host", vault.Options.HostName, tree.Path);
        var before = await SizeAsync(vault);

        var result = await BackUpAsync(vault, tree.Path);

        Assert.Equal(0ul, result.Snapshot.Summary!.FilesNew + result.Snapshot.Summary.FilesChanged + result.Snapshot.Summary.DataBlobs);
        Assert.InRange(await SizeAsync(vault) - before, 0, before / 100);
        await restic.RunAsync("check", "--read-data");
    }

    [Fact]
    public async Task Unchanged_files_are_not_opened()
    {
        await using var tree = await SourceTree.CreateAsync(5);
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());
        await BackUpAsync(vault, tree.Path);
        var before = await SizeAsync(vault);
        var access = new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        var second = await BackUpAsync(vault, tree.Path);

        Assert.Equal(second.Snapshot.Summary!.TotalFilesProcessed, second.Snapshot.Summary.FilesUnmodified);
        Assert.Equal(0ul, second.Snapshot.Summary.DataBlobs);
        Assert.InRange(await SizeAsync(vault) - before, 0, before / 100);

        await File.WriteAllTextAsync(tree["large"], "changed");
        File.SetLastAccessTimeUtc(tree["large"], access);
        var third = await BackUpAsync(vault, tree.Path);
        var summary = third.Snapshot.Summary!;
        Assert.Equal((1ul, 0ul, 1ul), (summary.FilesChanged, summary.FilesNew, summary.DataBlobs));
        Assert.Equal(access, File.GetLastAccessTimeUtc(tree["large"])); // a backup leaves no traces
    }

    [Fact]
    public async Task Packindex_names_exactly_the_packs_of_the_snapshot()
    {
        await using var tree = await SourceTree.CreateAsync(6);
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());
        await BackUpAsync(vault, tree.Path);
        await File.WriteAllTextAsync(tree["added"], "more");
        var second = await BackUpAsync(vault, tree.Path);

        var packIndexes = await vault.PackIndexes.ListAsync(static error => throw error, CancellationToken.None);

        Assert.Equal(2, packIndexes.Count);
        var named = packIndexes.Single(entry => entry.PackIndex.Snapshot == second.Id).PackIndex.Packs;
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        var needed = new HashSet<BlobId>();
        await CollectAsync(second.Snapshot.Tree);
        Assert.Equal(needed.Order(), named.Order());

        async Task CollectAsync(BlobId id)
        {
            Need(BlobKind.Tree, id);
            foreach (var node in (await vault.ReadTreeAsync(index, id, CancellationToken.None)).Nodes)
            {
                foreach (var chunk in node.Content ?? [])
                {
                    Need(BlobKind.Data, chunk);
                }

                if (node.Subtree is { } subtree)
                {
                    await CollectAsync(subtree);
                }
            }
        }

        void Need(BlobKind kind, BlobId id)
        {
            Assert.True(index.TryFind(kind, id, out var location));
            needed.Add(location.Pack);
        }
    }

    [Fact]
    public async Task Input_becomes_the_only_file()
    {
        using var vault = await TestVault.CreateAsync(new DiskBlobStore(_repository));
        using var restic = new Restic(_repository, TestVault.Password);
        var content = TestVault.Bytes(3_000_000, 1);
        using var stream = new MemoryStream(content);

        var outcome = await VaultBackup.RunAsync(vault, new() { Inputs = [new(stream, "dump.sql")] }, CancellationToken.None);

        Assert.Equal(["/dump.sql"], outcome.Result!.Snapshot.Paths);
        Assert.Equal(content, (await TestVault.ReadAllAsync(vault))["/dump.sql"]);
        await restic.RunAsync("check", "--read-data");
        await restic.RunAsync("restore", "latest", "--target", _directory["restored"]);
        Assert.Equal(content, await File.ReadAllBytesAsync(_directory["restored", "dump.sql"]));
    }

    [Fact]
    public async Task Missing_path_is_a_warning_and_makes_the_snapshot_partial()
    {
        await using var tree = new SourceTree();
        await File.WriteAllTextAsync(tree["file"], "text");
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());

        var result = await BackUpAsync(vault, tree["file"], tree["gone"]);

        Assert.Equal(tree["gone"], Assert.Single(result.Warnings).Path);
        Assert.True(result.IsPartial);
        var stored = (await vault.Snapshots.TryReadAsync(result.Id!.Value, CancellationToken.None))!;
        Assert.Equal("\"partial\":true", Encoding.UTF8.GetString(Assert.Single(stored.UnknownMembers).Span));
        Assert.Equal("text", Encoding.UTF8.GetString((await TestVault.ReadAllAsync(vault))[tree["file"]]));
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => BackUpAsync(vault, tree["gone"]));
    }

    [Fact]
    public async Task Unreadable_file_is_a_warning_and_the_rest_is_backed_up()
    {
        await using var tree = new SourceTree();
        await File.WriteAllTextAsync(tree["file"], "text");
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());

        // Root may read any file but this one: nothing is mapped at its first byte.
        var result = await BackUpAsync(vault, tree["file"], $"/proc/{Environment.ProcessId}/mem");

        Assert.Contains("/mem", Assert.Single(result.Warnings).Path, StringComparison.Ordinal);
        Assert.True(result.IsPartial);
        Assert.Contains(tree["file"], (await TestVault.ReadAllAsync(vault)).Keys);
    }

    [Fact]
    public async Task Rules_leave_out_what_restic_leaves_out()
    {
        await using var tree = await SourceTree.CreateAsync(7);
        await SourceTree.RunScriptAsync(tree.Path, """
            mkdir -p cache/in build/out/obj src/deep/obj
            for name in cache/in/a src/deep/obj/y.tmp src/keep.tmp src/UP.LOG build/out/obj/z src/deep/{b1c,b^c}; do echo x > "$name"; done
            printf 'Signature: 8a477f597d28d172789f06886806bc55\n' > cache/CACHEDIR.TAG
            """);
        string[] patterns =
        [
            "*.tmp", "!src/keep.tmp", "build/**/obj", $"{tree.Path}/n1*", "n?[0-3]*.a", "deep/er", "b[^a-z]c", "emo*", "quote\"back\\\\*",
        ];
        using var restic = new Restic(_repository, TestVault.Password);
        using var vault = await TestVault.CreateAsync(new DiskBlobStore(_repository));
        await restic.RunAsync(
        [
            "backup", tree.Path, "--exclude-caches", "--iexclude", "*.log",
            .. patterns.SelectMany(pattern => new[] { "--exclude", pattern }),
        ]);
        var theirs = (await vault.Snapshots.ListAsync(CancellationToken.None))[^1].Snapshot;

        var options = new BackupOptions
        {
            Paths = [tree.Path],
            Rules = [.. patterns.Select(pattern => PathRule.Glob(pattern)), PathRule.Glob("*.log", ignoresCase: true)],
            Markers = [BackupMarker.CacheDirectory],
        };
        var ours = (await VaultBackup.RunAsync(vault, options, CancellationToken.None)).Result!.Snapshot;

        var names = await NamesAsync(vault, ours.Tree);
        Assert.Equal(await NamesAsync(vault, theirs.Tree), names);
        Assert.Contains($"{tree.Path}/src/keep.tmp", names);
        Assert.Contains($"{tree.Path}/cache/CACHEDIR.TAG", names);
        Assert.DoesNotContain($"{tree.Path}/cache/in", names);
        Assert.DoesNotContain($"{tree.Path}/src/UP.LOG", names);
    }

    [Fact]
    public async Task Cancelled_backup_makes_no_snapshot_and_gives_its_lock_back()
    {
        await using var tree = await SourceTree.CreateAsync(8);
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());
        using var cancel = new CancellationTokenSource();
        var content = new CancellingStream(cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => VaultBackup.RunAsync(vault, new() { Inputs = [new(content, "endless")] }, cancel.Token));

        Assert.Empty(await TestVault.NamesAsync(vault.Store, BlobType.Snapshots));
        Assert.Empty(await TestVault.NamesAsync(vault.Store, BlobType.Locks));
    }

    internal static async Task<BackupResult> BackUpAsync(Vault vault, params string[] paths)
    {
        var outcome = await VaultBackup.RunAsync(vault, new BackupOptions { Paths = paths, Workers = 3 }, CancellationToken.None);
        Assert.Empty(outcome.Conflicts);
        return outcome.Result!;
    }

    private static async Task<long> SizeAsync(Vault vault)
    {
        long size = 0;
        foreach (var type in (BlobType[])[BlobType.Data, BlobType.Index, BlobType.Snapshots, BlobType.PackIndex])
        {
            size += (await TestBlob.ListAsync(vault.Store, type)).Sum(entry => entry.Length);
        }

        return size;
    }

    /// <summary>The tree of a directory in a snapshot. Directories above it may change while a test runs.</summary>
    internal static async Task<BlobId> TreeAtAsync(Vault vault, BlobId root, string path)
    {
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var tree = await vault.ReadTreeAsync(index, root, CancellationToken.None);
            root = tree.Nodes.Single(node => node.DisplayName == name).Subtree!.Value;
        }

        return root;
    }

    private static async Task<List<string>> NamesAsync(Vault vault, BlobId root)
    {
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        var names = new List<string>();
        await AddAsync(root, "");
        return names;

        async Task AddAsync(BlobId tree, string path)
        {
            foreach (var node in (await vault.ReadTreeAsync(index, tree, CancellationToken.None)).Nodes)
            {
                names.Add($"{path}/{node.DisplayName}");
                if (node.Subtree is { } subtree)
                {
                    await AddAsync(subtree, names[^1]);
                }
            }
        }
    }

    /// <summary>Zeros without end, which cancel the backup after some.</summary>
    private sealed class CancellingStream(CancellationTokenSource cancel) : Stream
    {
        private int _reads;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (++_reads == 5)
            {
                await cancel.CancelAsync();
            }

            return buffer.Length;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
