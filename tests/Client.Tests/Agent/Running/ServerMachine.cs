using System.Net.Http.Json;
using Halley.Client.Accounts;
using Halley.Client.Agent.Jobs;
using Halley.Client.Agent.Running;
using Halley.Protocol;
using Halley.Protocol.Client;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;

namespace Halley.Client.Tests.Agent.Running;

/// <summary>A machine that is signed in to a server, with a vault in a bucket there.</summary>
internal static class ServerMachine
{
    private const string User = "anna.jobs";
    private const string Password = "a pass phrase";

    /// <summary>The end of a job.</summary>
    public static async Task<BackupJobDetail> EndOfAsync(JobRunner runner, JobRunnerOptions options, Guid job)
    {
        await runner.WaitAsync(job);
        return options.History.Archive.Find(job)!;
    }

    /// <summary>Signs a machine in, with an item of the folder <c>source</c> and a bucket that nobody has used.</summary>
    public static async Task<(JobRunner Runner, JobRunnerOptions Options)> StartAsync(
        TemporaryDirectory directory, HttpClient admin, HttpClient http)
    {
        var account = await SignInAsync(directory, admin, http);
        await GiveVaultAsync(directory, admin, http.BaseAddress!, account.State.RequireAccount().DeviceId);
        var options = new JobRunnerOptions
        {
            State = account.State,
            History = JobHistory.Open(account.State, "1.2.3", TimeProvider.System),
            ReadProfile = token => account.Account.ReadProfileAsync("1.2.3", token),
            FindProfile = () => null,
            Account = account.Account,
            Http = http,
            CacheDirectory = directory["cache"],
            ClientVersion = "1.2.3",
            ShowsFileNames = () => true,
        };
        return (new JobRunner(options), options);
    }

    private static async Task<(StateDirectory State, DeviceAccount Account)> SignInAsync(
        TemporaryDirectory directory, HttpClient admin, HttpClient http)
    {
        Assert.True(AccountKeys.TryDeriveLKey(AccountKeys.CurrentKdf, User, Password, out var lKey, out _));
        using var made = await admin.PostAsJsonAsync(Routes.Accounts, new CreateAccount(User, LKey: lKey));
        made.EnsureSuccessStatusCode();
        var state = new StateDirectory(directory["state"]);
        var account = new DeviceAccount(state, new HalleyClient(http, http.BaseAddress!, TimeProvider.System));
        var login = new LoginOptions { AskCode = _ => throw new InvalidOperationException() };
        await account.LoginAsync(http.BaseAddress!, User, Password.AsMemory(), login, CancellationToken.None);
        return (state, account);
    }

    private static async Task GiveVaultAsync(TemporaryDirectory directory, HttpClient admin, Uri server, string deviceId)
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
            EngineProps = new Dictionary<string, string> { ["INCLUDE-1"] = directory["source"] },
        };
        profile.BackupRules["rule"] = new BackupRuleConfig { Source = "item", Destination = "vault" };
        using var save = new HttpRequestMessage(HttpMethod.Put, path)
        {
            Content = JsonContent.Create(profile, options: CometJson.Options),
            Headers = { IfMatch = { read.Headers.ETag! } },
        };
        using var saved = await admin.SendAsync(save);
        Assert.True(saved.IsSuccessStatusCode, await saved.Content.ReadAsStringAsync());
    }
}
