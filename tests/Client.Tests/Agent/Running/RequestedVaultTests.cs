using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;

namespace Halley.Client.Tests.Agent.Running;

/// <summary>A vault that an administrator gave the account is set up by the first backup, and then only the account opens it.</summary>
public sealed class RequestedVaultTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task First_backup_gives_the_vault_its_key_and_a_restore_brings_the_files_back()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Kestrel = true });
        using var admin = await host.SignInAsync();
        using var http = host.CreateClient();
        var (runner, options) = await ServerMachine.StartAsync(_directory, admin, http);
        _directory.CreateSubdirectory("source");
        await File.WriteAllTextAsync(_directory["source", "a.txt"], "text");

        var backup = await ServerMachine.EndOfAsync(
            runner, options, await runner.StartBackupAsync("item", "vault", null, "", CancellationToken.None));
        var restore = await ServerMachine.EndOfAsync(runner, options, await runner.StartRestoreAsync(
            new RunRestoreArguments("item", "vault", new() { DestPath = _directory["target"] }), CancellationToken.None));

        Assert.Equal((JobStatus.Success, JobStatus.Success), (backup.Status, restore.Status));
        Assert.Equal("text", await File.ReadAllTextAsync(_directory["target", _directory["source", "a.txt"].TrimStart('/')]));
        var vault = (await options.ReadProfile(CancellationToken.None)).Profile.Destinations["vault"];
        Assert.Equal(1UL, vault.EncryptionKeyEncryptionMethod);
        Assert.Equal(backup.DestinationSizeEnd.Size, vault.Statistics.ClientProvidedSize.Size);
        Assert.True(backup.UploadSize > 0 && backup.DestinationSizeEnd.Size > backup.DestinationSizeStart.Size);
    }

    [Fact]
    public async Task Backup_follows_a_bucket_that_an_administrator_has_moved()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Kestrel = true });
        await using var other = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Kestrel = true });
        using var admin = await host.SignInAsync();
        using var http = host.CreateClient();
        var (runner, options) = await ServerMachine.StartAsync(_directory, admin, http);
        _directory.CreateSubdirectory("source");
        await File.WriteAllTextAsync(_directory["source", "a.txt"], "text");
        var first = await ServerMachine.EndOfAsync(
            runner, options, await runner.StartBackupAsync("item", "vault", null, "", CancellationToken.None));
        var bucket = (await options.ReadProfile(CancellationToken.None)).Profile.Destinations["vault"].CometBucket;
        var transfer = new StartTransfer($"{other.Http.BaseAddress}", ServerHost.Username, ServerHost.Password);
        using var started = await admin.PostAsJsonAsync(Routes.ToBucketTransfer(bucket), transfer);
        var task = (await started.Content.ReadFromJsonAsync<TaskInfo>())!;
        await Eventually.HoldsAsync(
            "the bucket moves", TimeSpan.FromSeconds(30),
            async () => (await admin.GetFromJsonAsync<TaskInfo>(Routes.ToTask(task.Id)))!.State == TaskState.Done);
        await File.WriteAllTextAsync(_directory["source", "b.txt"], "more");

        var second = await ServerMachine.EndOfAsync(
            runner, options, await runner.StartBackupAsync("item", "vault", null, "", CancellationToken.None));

        Assert.Equal((JobStatus.Success, JobStatus.Success), (first.Status, second.Status));
        var vault = (await options.ReadProfile(CancellationToken.None)).Profile.Destinations["vault"];
        Assert.Equal((other.Http.BaseAddress!.ToString(), bucket), (vault.CometServer, vault.CometBucket));
    }
}
