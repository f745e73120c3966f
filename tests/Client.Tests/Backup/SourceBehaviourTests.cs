using Halley.Client.Backup;
using Halley.Client.Repository;
using Halley.Client.Selection;
using Halley.Client.Tests.Repository;
using Halley.Storage;
using Halley.Storage.Memory;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Client.Tests.Backup;

/// <summary>What a backup does with files that are special in themselves or change while it runs.</summary>
public sealed class SourceBehaviourTests
{
    [Fact]
    public async Task File_that_changes_while_it_is_read_is_a_warning_and_is_read_again_next_time()
    {
        await using var tree = new SourceTree();
        await File.WriteAllBytesAsync(tree["log"], TestVault.Bytes(12_000_000, 1));
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore(), new VaultOptions { Time = new HastyClock() });
        var reports = new List<BackupProgress>();
        var options = new BackupOptions
        {
            Paths = [tree.Path],
            Progress = progress =>
            {
                reports.Add(progress);
                if (progress.Bytes > 0)
                {
                    File.AppendAllText(tree["log"], "more");
                }
            },
        };

        var first = (await VaultBackup.RunAsync(vault, options, CancellationToken.None)).Result!;

        Assert.Equal(tree["log"], Assert.Single(first.Warnings).Path);
        Assert.False(first.IsPartial);
        Assert.Contains(reports, report => report.Current == tree["log"] && report.Bytes is > 0 and < 12_000_000);
        var second = await VaultBackupTests.BackUpAsync(vault, tree.Path);
        Assert.Empty(second.Warnings);
        Assert.Equal(1ul, second.Snapshot.Summary!.FilesChanged);
        Assert.Equal(await File.ReadAllBytesAsync(tree["log"]), (await TestVault.ReadAllAsync(vault))[tree["log"]]);
    }

    [Fact]
    public async Task Holes_of_a_sparse_file_are_not_read()
    {
        await using var tree = new SourceTree();
        const string Script = "truncate -s 200G sparse; printf x | dd of=sparse bs=1 seek=100G conv=notrunc status=none";
        await SourceTree.RunScriptAsync(tree.Path, Script);
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());

        var result = await VaultBackupTests.BackUpAsync(vault, tree.Path); // reading them would take minutes

        Assert.Equal(200ul << 30, result.Snapshot.Summary!.TotalBytesProcessed);
        Assert.Equal(2ul, result.Snapshot.Summary.DataBlobs); // zeros, and what is around the only byte
    }

    [Fact]
    public async Task Another_file_system_becomes_an_empty_directory()
    {
        await using var tree = new SourceTree();
        await SourceTree.RunScriptAsync(tree.Path, "mkdir mounted; echo in > file; mount -t tmpfs tmpfs mounted; echo x > mounted/x");
        try
        {
            using var vault = await TestVault.CreateAsync(new MemoryBlobStore());
            var options = new BackupOptions { Paths = [tree.Path], IsOneFileSystem = true };
            await VaultBackup.RunAsync(vault, options, CancellationToken.None);
            Assert.Equal([tree["file"]], (await TestVault.ReadAllAsync(vault)).Keys);

            await VaultBackupTests.BackUpAsync(vault, tree.Path);
            Assert.Contains(tree["mounted", "x"], (await TestVault.ReadAllAsync(vault)).Keys);
        }
        finally
        {
            await SourceTree.RunScriptAsync(tree.Path, "umount mounted");
        }
    }

    [Fact]
    public async Task Path_that_is_too_long_is_a_warning_and_a_deep_one_is_backed_up()
    {
        await using var tree = new SourceTree();
        await SourceTree.RunScriptAsync(tree.Path, """
            mkdir -p "deep/$(printf 'd/%.0s' {1..1500})"
            for i in {1..50}; do mkdir "$(printf 'x%.0s' {1..100})"; cd x*; done
            """);
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());

        var result = await VaultBackupTests.BackUpAsync(vault, tree.Path);

        Assert.Contains("x/xxx", Assert.Single(result.Warnings).Path, StringComparison.Ordinal);
        Assert.True(result.IsPartial);
        Assert.True(result.Snapshot.Summary!.DirectoriesNew > 1530);
    }

    [Fact]
    public async Task Copy_of_a_tree_is_unchanged_when_inodes_are_ignored()
    {
        await using var tree = await SourceTree.CreateAsync(30);
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());
        var options = new BackupOptions { Paths = [tree.Path] };
        await VaultBackup.RunAsync(vault, options, CancellationToken.None);
        await SourceTree.RunScriptAsync(tree.Path, "cp -a . ../copy; rm -rf ../source; mv ../copy ../source");

        var ignoring = await RunAsync(options with { IgnoresInode = true });
        await SourceTree.RunScriptAsync(tree.Path, "touch -r old stamp; chmod 600 large");
        var ignoringChangeTime = await RunAsync(options with { IgnoresChangeTime = true });
        var reading = await RunAsync(options with { ReadsEverything = true });

        Assert.Equal((0ul, 0ul), (ignoring.Snapshot.Summary!.FilesNew, ignoring.Snapshot.Summary.FilesChanged));
        Assert.Equal((1ul, 0ul), (ignoringChangeTime.Snapshot.Summary!.FilesNew, ignoringChangeTime.Snapshot.Summary.FilesChanged));
        Assert.Equal(reading.Snapshot.Summary!.TotalFilesProcessed, reading.Snapshot.Summary.FilesNew);
        Assert.Equal(0ul, reading.Snapshot.Summary.DataBlobs);
        Assert.Null(reading.Snapshot.Parent);
        Assert.Equal(
            await VaultBackupTests.TreeAtAsync(vault, ignoringChangeTime.Snapshot.Tree, tree.Path),
            await VaultBackupTests.TreeAtAsync(vault, reading.Snapshot.Tree, tree.Path));

        async Task<BackupResult> RunAsync(BackupOptions changed) =>
            (await VaultBackup.RunAsync(vault, changed, CancellationToken.None)).Result!;
    }

    [Fact]
    public async Task Named_path_is_backed_up_although_a_rule_matches_it()
    {
        await using var tree = new SourceTree();
        await File.WriteAllTextAsync(tree["a.tmp"], "a");
        await File.WriteAllTextAsync(tree["b.tmp"], "b");
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());
        var options = new BackupOptions { Paths = [tree["a.tmp"]], Rules = [PathRule.Glob("*.tmp")] };

        var result = (await VaultBackup.RunAsync(vault, options, CancellationToken.None)).Result!;

        Assert.Equal([tree["a.tmp"]], (await TestVault.ReadAllAsync(vault)).Keys);
        Assert.Equal(["*.tmp"], result.Snapshot.Excludes);
    }

    [Fact]
    public async Task Limit_of_bandwidth_is_kept()
    {
        await using var tree = new SourceTree();
        await File.WriteAllBytesAsync(tree["file"], TestVault.Bytes(20_000_000, 1));
        var time = new FakeTimeProvider();
        var clock = new ImpatientClock(time);
        var start = time.GetUtcNow();
        var store = new PacedBlobStore(new MemoryBlobStore(), clock, uploadBytesPerSecond: 1_000_000, downloadBytesPerSecond: null);
        using var vault = await TestVault.CreateAsync(store, new VaultOptions { Time = clock });

        await VaultBackup.RunAsync(vault, new BackupOptions { Paths = [tree.Path] }, CancellationToken.None);

        Assert.InRange((time.GetUtcNow() - start).TotalSeconds, 19, 25);
    }

    [Fact]
    public async Task Exclusive_lock_of_another_keeps_a_backup_away()
    {
        await using var tree = new SourceTree();
        var store = new MemoryBlobStore();
        using var other = await TestVault.CreateAsync(store);
        await using var held = (await other.LockAsync(isExclusive: true, CancellationToken.None)).Lock;
        using var vault = await TestVault.OpenAsync(store);

        var outcome = await VaultBackup.RunAsync(vault, new BackupOptions { Paths = [tree.Path] }, CancellationToken.None);

        Assert.Null(outcome.Result);
        Assert.Single(outcome.Conflicts);
        Assert.Empty(await TestVault.NamesAsync(store, BlobType.Snapshots));
    }

    /// <summary>A clock on which each look at it finds a second gone, so that each chunk is reported.</summary>
    private sealed class HastyClock : TimeProvider
    {
        private long _timestamp;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Interlocked.Increment(ref _timestamp);
    }
}
