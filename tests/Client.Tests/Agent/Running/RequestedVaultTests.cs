using System.Net.Http.Json;
using Halley.Client.Accounts;
using Halley.Client.Agent.Jobs;
using Halley.Client.Agent.Running;
using Halley.Protocol;
using Halley.Protocol.Client;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Protocol.Keys;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.Client.Tests.Agent.Running;

/// <summary>A vault that an administrator gave the account is set up by the first backup, and then only the account opens it.</summary>
public sealed class RequestedVaultTests : IDisposable
{
    private const string User = "anna.jobs";
    private const string Password = "a pass phrase";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task First_backup_gives_the_vault_its_key_and_a_restore_brings_the_files_back()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Kestrel = true });
        using var admin = await host.SignInAsync();
        using var http = host.CreateClient();
        var (runner, options) = await StartAsync(admin, http);
        _directory.CreateSubdirectory("source");
        await File.WriteAllTextAsync(_directory["source", "a.txt"], "text");

        var backup = await RunAsync(
            runner, options, await runner.StartBackupAsync("item", "vault", null, "", CancellationToken.None));
        var restore = await RunAsync(runner, options, await runner.StartRestoreAsync(
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
        var (runner, options) = await StartAsync(admin, http);
        _directory.CreateSubdirectory("source");
        await File.WriteAllTextAsync(_directory["source", "a.txt"], "text");
        var first = await RunAsync(runner, options, await runner.StartBackupAsync("item", "vault", null, "", CancellationToken.None));
        var bucket = (await options.ReadProfile(CancellationToken.None)).Profile.Destinations["vault"].CometBucket;
        var transfer = new StartTransfer($"{other.Http.BaseAddress}", ServerHost.Username, ServerHost.Password);
        using var started = await admin.PostAsJsonAsync(Routes.ToBucketTransfer(bucket), transfer);
        var task = (await started.Content.ReadFromJsonAsync<TaskInfo>())!;
        await Eventually.HoldsAsync(
            "the bucket moves", TimeSpan.FromSeconds(30),
            async () => (await admin.GetFromJsonAsync<TaskInfo>(Routes.ToTask(task.Id)))!.State == TaskState.Done);
        await File.WriteAllTextAsync(_directory["source", "b.txt"], "more");

        var second = await RunAsync(runner, options, await runner.StartBackupAsync("item", "vault", null, "", CancellationToken.None));

        Assert.Equal((JobStatus.Success, JobStatus.Success), (first.Status, second.Status));
        var vault = (await options.ReadProfile(CancellationToken.None)).Profile.Destinations["vault"];
        Assert.Equal((other.Http.BaseAddress!.ToString(), bucket), (vault.CometServer, vault.CometBucket));
    }

    private static async Task<BackupJobDetail> RunAsync(JobRunner runner, JobRunnerOptions options, Guid job)
    {
        await runner.WaitAsync(job);
        return options.History.Archive.Find(job)!;
    }

    private async Task<(JobRunner Runner, JobRunnerOptions Options)> StartAsync(HttpClient admin, HttpClient http)
    {
        var account = await SignInAsync(admin, http);
        await GiveVaultAsync(admin, http.BaseAddress!, account.State.RequireAccount().DeviceId);
        var options = new JobRunnerOptions
        {
            State = account.State,
            History = JobHistory.Open(account.State, "1.2.3", TimeProvider.System),
            ReadProfile = token => account.Account.ReadProfileAsync("1.2.3", token),
            Account = account.Account,
            Http = http,
            CacheDirectory = _directory["cache"],
            ClientVersion = "1.2.3",
            ShowsFileNames = () => true,
        };
        return (new JobRunner(options), options);
    }

    private async Task<(StateDirectory State, DeviceAccount Account)> SignInAsync(HttpClient admin, HttpClient http)
    {
        Assert.True(AccountKeys.TryDeriveLKey(AccountKeys.CurrentKdf, User, Password, out var lKey, out _));
        using var made = await admin.PostAsJsonAsync(Routes.Accounts, new CreateAccount(User, LKey: lKey));
        made.EnsureSuccessStatusCode();
        var state = new StateDirectory(_directory["state"]);
        var account = new DeviceAccount(state, new HalleyClient(http, http.BaseAddress!, TimeProvider.System));
        var login = new LoginOptions { AskCode = _ => throw new InvalidOperationException() };
        await account.LoginAsync(http.BaseAddress!, User, Password.AsMemory(), login, CancellationToken.None);
        return (state, account);
    }

    private async Task GiveVaultAsync(HttpClient admin, Uri server, string deviceId)
    {
        using var answer = await admin.PostAsJsonAsync(Routes.Buckets, new CreateBucket());
        var bucket = (await answer.Content.ReadFromJsonAsync<BucketCreated>())!;
        var path = new Uri($"{Routes.ToAccount(User)}/profile", UriKind.Relative);
        using var read = await admin.GetAsync(path);
        var profile = (await read.Content.ReadFromJsonAsync<UserProfileConfig>(CometJson.Options))!;
        profile.Destinations["vault"] = new DestinationConfig
        {
            Description = "offsite",
            DestinationType = DestinationTypes.Server,
            CometServer = server.ToString(),
            CometBucket = bucket.Bucket.Id,
            CometBucketKey = bucket.Secret!,
            DefaultRetention = new RetentionPolicy { Mode = RetentionPolicy.KeepAll },
        };
        profile.Sources["item"] = new SourceConfig
        {
            Engine = FileItem.Engine,
            OwnerDevice = deviceId,
            EngineProps = new Dictionary<string, string> { ["INCLUDE-1"] = _directory["source"] },
        };
        using var save = new HttpRequestMessage(HttpMethod.Put, path)
        {
            Content = JsonContent.Create(profile, options: CometJson.Options),
            Headers = { IfMatch = { read.Headers.ETag! } },
        };
        using var saved = await admin.SendAsync(save);
        Assert.True(saved.IsSuccessStatusCode, await saved.Content.ReadAsStringAsync());
    }
}
