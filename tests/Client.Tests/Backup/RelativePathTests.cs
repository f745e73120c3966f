using Halley.Client.Backup;
using Halley.Client.Repository;
using Halley.Client.Restore;
using Halley.Client.Tests.Repository;
using Halley.Client.Tests.Restore;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Backup;

/// <summary>Under which names a snapshot has paths that a person gives relative to a directory. Restic gave the right values.</summary>
public sealed class RelativePathTests : IDisposable
{
    private static readonly string[] Files = ["u/docs/e", "u/docs/sub/f", "u/other/g", "x/docs/i", "x/h"];

    private readonly TemporaryDirectory _home = new();

    public RelativePathTests() => Array.ForEach(Files, Write);

    private string Own => _home["u"];

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("docs", "/docs/e /docs/sub/f")]
    [InlineData("./docs/", "/docs/e /docs/sub/f")]
    [InlineData("docs/sub", "/docs/sub/f")]
    [InlineData("docs/../other", "/other/g")]
    [InlineData("../x", "/x/docs/i /x/h")]
    [InlineData(".", "/docs/e /docs/sub/f /other/g")]
    [InlineData("docs/..", "/docs/e /docs/sub/f /other/g")]
    [InlineData("..", "/u/docs/e /u/docs/sub/f /u/other/g /x/docs/i /x/h")]
    [InlineData("docs ../x other/g", "/docs/e /docs/sub/f /other/g /x/docs/i /x/h")]
    [InlineData("docs/sub/f docs", "/docs/e /docs/sub/f")]
    [InlineData("docs ../x/../u/docs", "/docs/e /docs/sub/f /u/docs/e /u/docs/sub/f")]
    [InlineData(". docs/sub", "/docs/e /docs/sub/f /other/g")]
    [InlineData("OWN/docs/sub docs", "/docs/e /docs/sub/f OWN/docs/sub/f")]
    public async Task Snapshot_has_a_relative_path_under_its_own_names(string paths, string expected)
    {
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());

        var result = await BackUpAsync(vault, paths.Replace("OWN", Own, StringComparison.Ordinal));

        Assert.Equal(
            expected.Split(' ').Select(path => path.Replace("OWN", Own, StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            (await TestVault.ReadAllAsync(vault)).Keys.Order(StringComparer.Ordinal));
        Assert.All(result.Snapshot.Paths, path => Assert.StartsWith(_home.Path, path, StringComparison.Ordinal));
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public async Task Second_directory_of_a_name_gets_a_number()
    {
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());
        Write("docs/k");

        await BackUpAsync(vault, "docs/sub ../docs");
        await BackUpAsync(vault, ". ../docs");

        Assert.Equal(
            ["/docs-1/e", "/docs-1/k", "/docs-1/sub/f", "/docs/k", "/docs/sub/f", "/other/g"],
            (await TestVault.ReadAllAsync(vault)).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Unchanged_files_of_a_relative_path_are_not_read_again()
    {
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());
        await BackUpAsync(vault, ". ../x");

        var second = await BackUpAsync(vault, "../x .");

        var summary = second.Snapshot.Summary!;
        Assert.Equal((0ul, 0ul, 5ul), (summary.FilesNew, summary.FilesChanged, summary.FilesUnmodified));
    }

    [Fact]
    public async Task Restore_deletes_nothing_beside_the_way_to_a_relative_path()
    {
        using var vault = await TestVault.CreateAsync(new MemoryBlobStore());
        await BackUpAsync(vault, "docs/sub");
        Write("target/docs/kept");
        Write("target/docs/sub/extra");

        var result = await RestoreRun.LatestAsync(vault, new() { Target = _home["target"], DeletesExtra = true });

        Assert.Equal(1, result.Deleted);
        Assert.True(File.Exists(_home["target/docs/kept"]));
        Assert.True(File.Exists(_home["target/docs/sub/f"]));
        Assert.False(File.Exists(_home["target/docs/sub/extra"]));
    }

    private void Write(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_home[name])!);
        _home.File(name, name);
    }

    private async Task<BackupResult> BackUpAsync(Vault vault, string paths)
    {
        var options = new BackupOptions { Paths = paths.Split(' '), Directory = Own, ScansAhead = true };
        return (await VaultBackup.RunAsync(vault, options, CancellationToken.None)).Result!;
    }
}
