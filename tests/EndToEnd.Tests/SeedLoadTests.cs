namespace Halley.EndToEnd.Tests;

/// <summary>A bucket filled by hand with an existing repository ("seed load").</summary>
public sealed class SeedLoadTests(SharedInstallation shared) : IClassFixture<SharedInstallation>
{
    [Fact]
    public async Task Local_repository_copied_into_a_bucket_is_served_at_once()
    {
        var installation = shared.Installation;
        var vault = await Vault.AddToAsync(installation, "seeded");
        using var tree = SourceTree.OfRealFiles(TestRun.IsSlow ? 60 : 24);
        using var local = new TemporaryDirectory();
        var repository = local.Combine("repository");
        using (var restic = Vault.OpenLocally(repository))
        {
            await restic.RunAsync("init");
            await restic.RunAsync("backup", tree.Path);
        }

        await CopyAsync(repository, vault.DirectoryOn(installation.FirstVolume));
        await MoveSomeOfItAsync(vault.DirectoryOn(installation.FirstVolume), vault.DirectoryOn(installation.SecondVolume));

        using var remote = vault.OpenWithRestic();
        using var restored = new TemporaryDirectory();
        await remote.RunAsync("restore", "latest", "--target", restored.Path);
        await remote.RunAsync("check", "--read-data");
        await remote.RunAsync("backup", tree.Path);
        TreeComparison.AssertEqual(tree.Path, restored.Path + tree.Path);
        await ValidationCommand.AssertOnlyOkAsync(vault);
    }

    private static async Task CopyAsync(string repository, string bucket)
    {
        Directory.CreateDirectory(bucket);
        (await ExternalProgram.RunAsync("/bin/cp", ["-a", $"{repository}/.", bucket])).EnsureSuccess();
    }

    // As an operator does whose first volume is too small: every folder of packs whose name begins with 0 to 7.
    private static async Task MoveSomeOfItAsync(string from, string to)
    {
        var some = Directory.GetDirectories(Path.Combine(from, "data")).Where(folder => Path.GetFileName(folder)[0] < '8');
        Directory.CreateDirectory(Path.Combine(to, "data"));
        (await ExternalProgram.RunAsync("/bin/mv", ["-t", Path.Combine(to, "data"), .. some])).EnsureSuccess();
    }
}
