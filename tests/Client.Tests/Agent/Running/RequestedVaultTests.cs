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
        var runner = new JobRunner(options);
        _directory.CreateSubdirectory("source");
        await File.WriteAllTextAsync(_directory["source", "a.txt"], "text");

        var backup = await RunAsync(await runner.StartBackupAsync("item", "vault", null, "", CancellationToken.None));
        var restore = await RunAsync(await runner.StartRestoreAsync(
            new RunRestoreArguments("item", "vault", new() { DestPath = _directory["target"] }), CancellationToken.None));

        Assert.Equal((JobStatus.Success, JobStatus.Success), (backup.Status, restore.Status));
        Assert.Equal("text", await File.ReadAllTextAsync(_directory["target", _directory["source", "a.txt"].TrimStart('/')]));
        var vault = (await options.ReadProfile(CancellationToken.None)).Profile.Destinations["vault"];
        Assert.Equal(1UL, vault.EncryptionKeyEncryptionMethod);
        Assert.True(backup.UploadSize > 0 && backup.DestinationSizeEnd.Size > backup.DestinationSizeStart.Size);

        async Task<BackupJobDetail> RunAsync(Guid job)
        {
            await runner.WaitAsync(job);
            return options.History.Archive.Find(job)!;
        }
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
