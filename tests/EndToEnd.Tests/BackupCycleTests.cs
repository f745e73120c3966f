using Xunit.Abstractions;

namespace Halley.EndToEnd.Tests;

/// <summary>The main job: unmodified restic with a bucket that is spread over two volumes.</summary>
public sealed class BackupCycleTests(ClassInstallation shared, ITestOutputHelper output) : IClassFixture<ClassInstallation>
{
    private const long MostMemory = 180L * 1024 * 1024;

    /// <summary>The first backs up more than the server may use of memory; the slow part backs up several times as much.</summary>
    public static TheoryData<string, int> Sizes => new()
    {
        { Route.Direct, TestRun.IsSlow ? 1100 : 400 },
        { Route.Nginx, TestRun.IsSlow ? 200 : 24 },
        { Route.HaProxy, TestRun.IsSlow ? 200 : 24 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Backup_check_prune_and_restore_give_back_every_byte(string routeName, int megabytes)
    {
        var installation = shared.Installation;
        await using var route = await Route.OpenAsync(routeName, installation.Server.Address);
        var vault = await Vault.AddToAsync(installation);
        using var restic = vault.OpenWithRestic(route);
        using var tree = SourceTree.OfRealFiles(megabytes);

        await StepAsync(restic, "init");
        await StepAsync(restic, "backup", tree.Path);
        tree.Change(TestRun.Randomness(output));
        await StepAsync(restic, "backup", tree.Path);
        await StepAsync(restic, "check", "--read-data");
        await StepAsync(restic, "forget", "--keep-last", "1", "--prune");
        await StepAsync(restic, "check");
        using var restored = new TemporaryDirectory();
        await StepAsync(restic, "restore", "latest", "--target", restored.Path);

        TreeComparison.AssertEqual(tree.Path, restored.Path + tree.Path);
        await ValidationCommand.AssertOnlyOkAsync(vault);
        AssertSpreadOverBothVolumes(installation, vault, megabytes);
        Assert.InRange(ProcessMemory.PeakOwnBytesOf(installation.Server.Id), 1, MostMemory);
    }

    private async Task StepAsync(Restic restic, params string[] arguments)
    {
        var run = await restic.RunAsync(arguments);
        output.WriteLine($"{arguments[0]}: {run.Duration.TotalSeconds:0.0} s");
    }

    // Both volumes lie on one file system, so a pack goes to either with the same chance. Of the seventy of the large tree a fifth
    // is beyond bad luck; of the few of a smaller one little is, and small files (indexes, snapshots) lie on both all the same.
    private static void AssertSpreadOverBothVolumes(Installation installation, Vault vault, int megabytes)
    {
        var bytes = installation.Volumes.Select(volume => BytesOf(vault.DirectoryOn(volume))).ToList();
        var least = megabytes >= 1000 ? bytes.Sum() / 5 : 1;
        Assert.All(bytes, onOne => Assert.True(onOne >= least, $"Bytes per volume: {string.Join(", ", bytes)}"));
    }

    private static long BytesOf(string directory) =>
        new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
}
