using Halley.Client.Repository;
using Halley.Client.Restore;
using Halley.Client.Selection;
using Halley.Client.Tests.Repository;
using Halley.Storage.Disk;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Restore;

/// <summary>Parts of a snapshot, into directories that have something already.</summary>
public sealed class PartialRestoreTests : IDisposable
{
    private static readonly DateTime InSnapshot = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).AddTicks(1_234_567).UtcDateTime;

    private readonly TemporaryDirectory _directory = new();

    private string Target => _directory["target"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(OverwritePolicy.Always, 1, true)]
    [InlineData(OverwritePolicy.Always, -1, true)]
    [InlineData(OverwritePolicy.Always, 0, true)]
    [InlineData(OverwritePolicy.IfChanged, 1, true)]
    [InlineData(OverwritePolicy.IfChanged, -1, true)]
    [InlineData(OverwritePolicy.IfChanged, 0, false)]
    [InlineData(OverwritePolicy.IfNewer, 1, false)]
    [InlineData(OverwritePolicy.IfNewer, -1, true)]
    [InlineData(OverwritePolicy.Never, -1, false)]
    public async Task File_that_exists_is_replaced_as_the_policy_says(OverwritePolicy policy, int secondsNewer, bool isReplaced)
    {
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());
        await TestVault.BackUpAsync(vault, ("file", "snapshot"u8.ToArray()), ("new", "new"u8.ToArray()));
        Directory.CreateDirectory(Target);
        var file = Path.Combine(Target, "file");
        await File.WriteAllTextAsync(file, "existing");
        // The vector's time ends with 80 ns, which DateTime cannot express.
        await RestoreRun.ShellAsync($"touch -d '@{1_700_000_000 + secondsNewer}.123456780' file", Target);

        var result = await RestoreRun.LatestAsync(vault, new() { Target = Target, Overwrite = policy });

        Assert.Equal(isReplaced ? "snapshot" : "existing", await File.ReadAllTextAsync(file));
        Assert.Equal("new", await File.ReadAllTextAsync(Path.Combine(Target, "new")));
        Assert.Equal((1, isReplaced ? 1 : 0), (result.Created, result.Updated));
        Assert.Equal(isReplaced ? InSnapshot : InSnapshot.AddSeconds(secondsNewer), File.GetLastWriteTimeUtc(file));
    }

    [Theory]
    [InlineData("--include", "*.log")]
    [InlineData("--include", "/SOURCE/sub")]
    [InlineData("--include", "/SOURCE/s*/b.txt")]
    [InlineData("--include", "/SOURCE/**/deep")]
    [InlineData("--include", "deep/[ab].log")]
    [InlineData("--exclude", "*.log")]
    [InlineData("--exclude", "sub")]
    [InlineData("--exclude", "/SOURCE/sub/deep")]
    [InlineData("--exclude", "?.txt")]
    public async Task Pattern_selects_the_files_that_restic_restores(string option, string pattern)
    {
        var source = _directory.CreateSubdirectory("source");
        await RestoreRun.ShellAsync(
            "mkdir -p sub/deep other; touch {a,b}.{log,txt} sub/{a,b}.{log,txt} sub/deep/{a,b,c}.log other/x", source);
        using var restic = new Restic(_directory["repository"], TestVault.Password);
        await restic.RunAsync("init");
        await restic.RunAsync("backup", source);
        pattern = pattern.Replace("/SOURCE", source, StringComparison.Ordinal);
        await restic.RunAsync("restore", "latest", "--target", _directory["expected"], option, pattern);
        using var vault = await TestVault.OpenAsync(new DiskBlobStore(_directory["repository"]));

        var patterns = new[] { new PathPattern(pattern) };
        var selection = option == "--include" ? new RestoreSelection(patterns, []) : new RestoreSelection([], patterns);
        var result = await RestoreRun.LatestAsync(vault, new() { Target = Target, Selection = selection });

        Assert.Empty(result.Warnings);
        Assert.Equal(FilesIn(_directory["expected"]), FilesIn(Target));
        Assert.NotEmpty(FilesIn(Target));
    }

    [Fact]
    public async Task Extra_files_are_deleted_below_what_was_backed_up_and_nowhere_else()
    {
        var source = _directory.CreateSubdirectory("source");
        await RestoreRun.ShellAsync("mkdir -p sub; touch a sub/b", source);
        using var restic = new Restic(_directory["repository"], TestVault.Password);
        await restic.RunAsync("init");
        await restic.RunAsync("backup", source);
        using var vault = await TestVault.OpenAsync(new DiskBlobStore(_directory["repository"]));
        await RestoreRun.LatestAsync(vault, new() { Target = Target });
        await RestoreRun.ShellAsync($"touch top .{source}/extra .{source}/sub/keep.me .{source}/../above; mkdir -p .{source}/x/y", Target);

        var options = new RestoreOptions
        {
            Target = Target,
            DeletesExtra = true,
            Selection = new([], [new PathPattern("*.me")]),
            IsDryRun = true,
        };
        var dry = await RestoreRun.LatestAsync(vault, options);
        Assert.True(File.Exists($"{Target}{source}/extra"));
        var real = await RestoreRun.LatestAsync(vault, options with { IsDryRun = false });

        Assert.Equal((2, 2), (dry.Deleted, real.Deleted));
        Assert.Equal(
            [$"{_directory.Path}/above", $"{source}/a", $"{source}/sub/b", $"{source}/sub/keep.me", "/top"],
            FilesIn(Target).Order(StringComparer.Ordinal));
        Assert.False(Directory.Exists($"{Target}{source}/x"));
    }

    [Fact]
    public async Task Source_is_a_directory_or_a_file_of_the_snapshot()
    {
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());
        await TestVault.BackUpAsync(vault, ("one", [1]), ("two", [2]));

        await RestoreRun.LatestAsync(vault, new() { Target = Target, Source = "/two" });

        Assert.Equal(["/two"], FilesIn(Target));
        Assert.Equal(
            VaultFault.Missing,
            await TestVault.FaultOfAsync(() => RestoreRun.LatestAsync(vault, new() { Target = Target, Source = "/two/three" })));
    }

    [Fact]
    public async Task Cancelled_restore_ends_and_the_next_one_completes_it()
    {
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());
        var files = Enumerable.Range(0, 50).Select(i => ($"{i:00}", TestVault.Bytes(1000, i))).ToArray();
        await TestVault.BackUpAsync(vault, files);
        var snapshot = (await vault.Snapshots.ListAsync(CancellationToken.None))[0].Snapshot;
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        using var cancellation = new CancellationTokenSource();
        var options = new RestoreOptions { Target = Target, OnItem = item => CancelAt(item, cancellation) };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => VaultRestore.RunAsync(vault, index, snapshot, options, cancellation.Token));
        Assert.True(FilesIn(Target).Count < 50);
        await RestoreRun.LatestAsync(vault, new() { Target = Target });

        Assert.All(files, file => Assert.Equal(file.Item2, File.ReadAllBytes(Path.Combine(Target, file.Item1))));
    }

    private static void CancelAt(RestoredItem item, CancellationTokenSource cancellation)
    {
        if (item.Path == "/20")
        {
            cancellation.Cancel();
        }
    }

    private static List<string> FilesIn(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .Select(path => path[directory.Length..])
            .Order(StringComparer.Ordinal)];
}
