using Halley.Protocol;

namespace Halley.EndToEnd.Tests;

/// <summary>What restic itself says when a key is wrong, revoked or limited.</summary>
public sealed class KeyModeTests(SharedInstallation shared) : IClassFixture<SharedInstallation>
{
    private Installation Installation => shared.Installation;

    [Fact]
    public async Task Wrong_key_and_unknown_bucket_are_refused_alike()
    {
        var vault = await Vault.AddToAsync(Installation);
        using var wrong = vault.WithSecret(new string('0', 32)).OpenWithRestic();
        using var unknown = new Vault(Installation, "no-such-bucket", vault.Secret).OpenWithRestic();

        foreach (var run in new[] { await wrong.TryAsync("snapshots"), await unknown.TryAsync("snapshots") })
        {
            Assert.NotEqual(0, run.ExitCode);
            Assert.Contains("unexpected HTTP response (401): 401 Unauthorized", run.StandardError, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Revoked_key_is_refused_at_once_while_another_goes_on()
    {
        var vault = await Vault.AddToAsync(Installation);
        var second = await Installation.Admin.AddKeyAsync(vault.BucketId, BucketKeyMode.Full);
        using var restic = vault.OpenWithRestic();
        using var revoked = vault.WithSecret(second.Secret!).OpenWithRestic();
        await restic.RunAsync("init");
        await revoked.RunAsync("snapshots");

        await Installation.Admin.RevokeKeyAsync(vault.BucketId, second.Key.Id);

        var run = await revoked.TryAsync("snapshots");
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("401 Unauthorized", run.StandardError, StringComparison.Ordinal);
        await restic.RunAsync("snapshots");
    }

    [Fact]
    public async Task Append_only_key_backs_up_but_cannot_prune()
    {
        var vault = await Vault.AddToAsync(Installation);
        var limited = await vault.WithNewKeyAsync(BucketKeyMode.AppendOnly);
        using var restic = limited.OpenWithRestic();
        using var tree = SourceTree.OfRealFiles(8);
        await restic.RunAsync("init");
        await restic.RunAsync("backup", tree.Path);
        await restic.RunAsync("backup", tree.Path);

        var refused = await restic.RunUntilAsync("403 Forbidden", "forget", "--keep-last", "1", "--prune");

        Assert.Contains("blob not removed, server response: 403 Forbidden", refused.StandardError, StringComparison.Ordinal);
        await restic.RunAsync("unlock");
        var snapshots = await restic.RunAsync("list", "snapshots");
        Assert.Equal(2, snapshots.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        using var full = vault.OpenWithRestic();
        await full.RunAsync("forget", "--keep-last", "1", "--prune");
        await full.RunAsync("check", "--read-data");
    }

    [Fact]
    public async Task Read_only_key_restores_but_cannot_back_up()
    {
        var vault = await Vault.AddToAsync(Installation);
        var limited = await vault.WithNewKeyAsync(BucketKeyMode.ReadOnly);
        using var full = vault.OpenWithRestic();
        using var restic = limited.OpenWithRestic();
        using var tree = SourceTree.OfRealFiles(8);
        using var restored = new TemporaryDirectory();
        await full.RunAsync("init");
        await full.RunAsync("backup", tree.Path);

        await restic.RunAsync("restore", "latest", "--target", restored.Path);
        TreeComparison.AssertEqual(tree.Path, restored.Path + tree.Path);

        await File.WriteAllTextAsync(Path.Combine(tree.Path, "new"), "something to upload");
        var refused = await restic.RunUntilAsync("403 Forbidden", "backup", tree.Path);
        Assert.Contains("403 Forbidden", refused.StandardError, StringComparison.Ordinal);
        await restic.RunAsync("unlock");
        await full.RunAsync("check", "--read-data");
    }
}
