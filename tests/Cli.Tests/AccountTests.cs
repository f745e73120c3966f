using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;

namespace Halley.Cli.Tests;

/// <summary>A machine signs in to a server that accepts no passwords, so what signs in is the L-key.</summary>
public sealed class AccountTests(AccountTests.Server server) : IClassFixture<AccountTests.Server>, IDisposable
{
    private const string Password = "a pass phrase of bob";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryDirectory _directory = new();
    private readonly HalleyProgram _halley = new("", "password of a vault");
    private readonly string _user = $"user-{Guid.NewGuid():N}";

    private string State => _directory["state"];

    private string[] Login => ["login", server.Address, _user];

    public void Dispose()
    {
        _halley.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Login_registers_the_device_and_keeps_no_secret_that_is_readable_and_logout_forgets_all()
    {
        await StartAsync();

        var login = (await _halley.RunAsync([.. Login, "--name", "laptop", "--json"])).StandardOutput;

        var account = JsonDocument.Parse(login).RootElement;
        var device = account.GetProperty("device_id").GetString();
        Assert.Equal((_user, true), (account.GetProperty("username").GetString(), account.GetProperty("keeps_keys").GetBoolean()));
        var registered = Assert.Single((await server.Admin.GetFromJsonAsync<Page<DeviceInfo>>(PathOf("devices")))!.Items);
        Assert.Equal((device, "laptop"), (registered.Id, registered.Name));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(State));
        Assert.True(AccountKeys.TryDeriveLKey(AccountKeys.CurrentKdf, _user, Password, out var lKey, out _));
        var files = Directory.GetFiles(State);
        Assert.Equal(2, files.Length);
        Assert.All(files, file =>
        {
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(file));
            Assert.DoesNotContain(lKey, File.ReadAllText(file), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Password, File.ReadAllText(file), StringComparison.Ordinal);
        });

        Assert.Contains(_user, (await _halley.RunAsync("status")).StandardOutput, StringComparison.Ordinal);
        await _halley.RunAsync("logout");

        Assert.Empty((await server.Admin.GetFromJsonAsync<Page<SessionInfo>>(PathOf("sessions")))!.Items);
        Assert.Equal([Path.Combine(State, "device.json")], Directory.GetFiles(State));
        await AssertFailsAsync(1, "Sign in with `halley login URL USER`", "status");
        var again = JsonDocument.Parse((await _halley.RunAsync([.. Login, "--json"])).StandardOutput).RootElement;
        Assert.Equal(device, again.GetProperty("device_id").GetString());
    }

    [Fact]
    public async Task Session_that_ended_is_renewed_by_the_kept_keys_and_with_ask_the_user_is_sent_to_login()
    {
        await StartAsync();
        await _halley.RunAsync(Login);
        await EndSessionsAsync();

        await _halley.RunAsync("status");

        Assert.Single((await server.Admin.GetFromJsonAsync<Page<SessionInfo>>(PathOf("sessions")))!.Items);
        await _halley.RunAsync([.. Login, "--ask"]);
        await EndSessionsAsync();
        await AssertFailsAsync(1, "The session has ended. Sign in again", "status");
    }

    [Fact]
    public async Task Keys_that_were_copied_without_the_file_of_the_device_open_nothing()
    {
        await StartAsync();
        await _halley.RunAsync(Login);
        await EndSessionsAsync();
        File.Delete(Path.Combine(State, "device.json"));

        await AssertFailsAsync(1, "does not open the keys", "status");
    }

    [Fact]
    public async Task Wrong_password_is_12_and_leaves_the_machine_signed_out()
    {
        await StartAsync();
        _halley.Variables["HALLEY_ACCOUNT_PASSWORD"] = "another";

        await AssertFailsAsync(12, "The server refused the sign-in", Login);
        await AssertFailsAsync(1, "is not signed in", "status");
    }

    [Fact]
    public async Task Second_machine_beyond_the_limit_is_refused_with_what_to_do_and_a_copied_disk_is_another_device()
    {
        await StartAsync();
        using var limited = await server.Admin.PatchAsJsonAsync(Routes.ToAccount(_user), new UpdateAccount(MaximumDevices: 1));
        limited.EnsureSuccessStatusCode();
        await _halley.RunAsync(Login);

        await AssertFailsAsync(1, "maximum of 1 devices; revoke one first", [.. Login, "--new-device"]);
        await _halley.RunAsync("status"); // the earlier sign-in still counts
    }

    [Fact]
    public async Task Account_with_an_authenticator_app_needs_a_code()
    {
        await StartAsync();
        var code = await TurnOnCodesAsync();

        await AssertFailsAsync(1, "Give it with --code", Login);
        var login = JsonDocument.Parse((await _halley.RunAsync([.. Login, "--code", code, "--json"])).StandardOutput).RootElement;
        await EndSessionsAsync();
        await _halley.RunAsync("status"); // unattended: this device has given a code before

        using var revoked = await server.Admin.DeleteAsync(
            new Uri($"{PathOf("devices")}/{login.GetProperty("device_id").GetString()}", UriKind.Relative));
        revoked.EnsureSuccessStatusCode();
        await AssertFailsAsync(1, "the account requires a code", "status");
    }

    [Fact]
    public async Task Vault_that_the_administrator_made_is_set_up_on_one_machine_and_opened_on_another_by_the_password_alone()
    {
        await StartAsync();
        var secret = await MakeVaultAsync("offsite");
        await _halley.RunAsync(Login);
        using var tree = new SampleTree();

        Assert.Contains("not set up", (await _halley.RunAsync("vault", "list")).StandardOutput, StringComparison.Ordinal);
        await AssertFailsAsync(1, "is not set up. Run `halley -r \"vault:offsite\" init`", "-r", "vault:offsite", "snapshots");
        await AssertFailsAsync(1, "Run `halley vault list`", "-r", "vault:other", "snapshots");
        await _halley.RunAsync("-r", "vault:offsite", "init");
        await _halley.RunAsync("-r", "vault:offsite", "backup", tree.Path);
        await AssertFailsAsync(1, "`halley key add`", "-r", "vault:offsite", "key", "passwd");
        await AssertFailsAsync(1, "A vault already exists", "-r", "vault:offsite", "init");

        var seen = (await ReadProfileAsync()).Profile.Destinations.Values.Single();
        Assert.Equal(1UL, seen.EncryptionKeyEncryptionMethod);
        Assert.NotEqual(0, seen.RepoInitTimestamp);
        Assert.DoesNotContain(secret, seen.CometBucketKey, StringComparison.Ordinal);

        _halley.Variables["HALLEY_STATE_DIR"] = _directory["another-machine"];
        await _halley.RunAsync(Login);
        await _halley.RunAsync("-r", "vault:OFFSITE", "restore", "latest", "--target", _directory["restored"]);
        Assert.Equal(await SampleTree.DescribeAsync(tree.Path), await SampleTree.DescribeAsync(_directory["restored"] + tree.Path));
    }

    [Fact]
    public async Task Password_that_one_machine_changes_is_needed_once_on_another_which_then_opens_the_vault()
    {
        await StartAsync();
        await MakeVaultAsync("offsite");
        await _halley.RunAsync(Login);
        await _halley.RunAsync("-r", "vault:offsite", "init");
        var another = _directory["another-machine"];
        _halley.Variables["HALLEY_STATE_DIR"] = another;
        await _halley.RunAsync(Login);

        _halley.Variables["HALLEY_STATE_DIR"] = State;
        await File.WriteAllTextAsync(_directory["new"], "gr\u00f6\u00dfere Schl\u00fcssel\n"); // composed
        await File.WriteAllTextAsync(_directory["short"], "short");
        await AssertFailsAsync(1, "at least 8 characters", "password", "--new-password-file", _directory["short"]);
        await _halley.RunAsync("password", "--new-password-file", _directory["new"]);
        await _halley.RunAsync("-r", "vault:offsite", "snapshots"); // this machine has followed

        _halley.Variables["HALLEY_STATE_DIR"] = another;
        await AssertFailsAsync(12, $"Sign in with the present password: `halley login {server.Address} {_user}`", "status");
        await AssertFailsAsync(12, "Sign in with the present password", "-r", "vault:offsite", "snapshots");
        await AssertFailsAsync(12, "The server refused the sign-in", Login);
        _halley.Variables["HALLEY_ACCOUNT_PASSWORD"] = "gro\u0308\u00dfere Schlu\u0308ssel"; // as another keyboard types it
        await _halley.RunAsync(Login);
        await _halley.RunAsync("-r", "vault:offsite", "snapshots");
        await _halley.RunAsync([.. Login, "--ask"]);
        await _halley.RunAsync("-r", "vault:offsite", "snapshots");
    }

    [Fact]
    public async Task Password_that_must_be_changed_is_changed_while_signing_in()
    {
        await StartAsync(mustChangePassword: true);
        await File.WriteAllTextAsync(_directory["new"], "a pass phrase of bob's own");

        await File.WriteAllTextAsync(_directory["present"], Password);
        var same = await _halley.TryAsync([.. Login, "--new-password-file", _directory["present"]]);
        Assert.Equal(1, same.ExitCode);
        Assert.Contains("is the present one", same.StandardError, StringComparison.Ordinal);
        await _halley.RunAsync([.. Login, "--new-password-file", _directory["new"]]);

        Assert.Single((await server.Admin.GetFromJsonAsync<Page<DeviceInfo>>(PathOf("devices")))!.Items);
        await _halley.RunAsync("status");
        await EndSessionsAsync();
        await _halley.RunAsync("status");
    }

    [Theory]
    [InlineData("http://backup.example.com/", "--plain-http")]
    [InlineData("ftp://backup.example.com/", "https://HOST/")]
    public async Task Address_that_would_give_the_key_away_is_refused(string address, string advice) =>
        await AssertFailsAsync(1, advice, "login", address, "anna");

    [Fact]
    public async Task Server_that_is_not_there_is_named()
    {
        await StartAsync();

        await AssertFailsAsync(1, "Check the address", "login", "http://127.0.0.1:9/", _user);
    }

    // Returns a code for the sign-in: one of the recovery codes, since each code of the app is good once.
    private async Task<string> TurnOnCodesAsync()
    {
        Assert.True(AccountKeys.TryDeriveLKey(AccountKeys.CurrentKdf, _user, Password, out var lKey, out _));
        using var http = server.Host.CreateClient();
        using var signIn = await http.PostAsJsonAsync(Routes.Sessions, new StartSession(_user, LKey: lKey));
        http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", (await signIn.Content.ReadFromJsonAsync<SessionStarted>())!.SessionKey);
        using var made = await http.PostAsync(new Uri(Routes.UserTotp, UriKind.Relative), null);
        var app = (await made.Content.ReadFromJsonAsync<AuthenticatorAppCreated>())!;
        using var proof = await http.PostAsJsonAsync(
            Routes.UserTotpProof, new ConfirmWithCode(AuthenticatorApp.CodeAt(app.Secret, TimeProvider.System.GetUtcNow())));
        proof.EnsureSuccessStatusCode();
        return (await proof.Content.ReadFromJsonAsync<RecoveryCodesCreated>())!.Codes[0];
    }

    // As a vault that was requested for the account: the key of its bucket is in clear until the first device sets it up.
    private async Task<string> MakeVaultAsync(string name)
    {
        using var answer = await server.Admin.PostAsJsonAsync(Routes.Buckets, new CreateBucket());
        var bucket = (await answer.Content.ReadFromJsonAsync<BucketCreated>())!;
        var (profile, tag) = await ReadProfileAsync();
        profile.Destinations["1"] = new DestinationConfig
        {
            Description = name,
            DestinationType = DestinationTypes.Server,
            CometServer = server.Address,
            CometBucket = bucket.Bucket.Id,
            CometBucketKey = bucket.Secret!,
            DefaultRetention = new RetentionPolicy { Mode = RetentionPolicy.KeepAll },
        };
        using var save = new HttpRequestMessage(HttpMethod.Put, PathOf("profile"))
        {
            Content = JsonContent.Create(profile, options: CometJson.Options),
            Headers = { IfMatch = { tag } },
        };
        using var saved = await server.Admin.SendAsync(save);
        saved.EnsureSuccessStatusCode();
        return bucket.Secret!;
    }

    private async Task<(UserProfileConfig Profile, EntityTagHeaderValue Tag)> ReadProfileAsync()
    {
        using var answer = await server.Admin.GetAsync(new Uri(PathOf("profile"), UriKind.Relative));
        return ((await answer.Content.ReadFromJsonAsync<UserProfileConfig>(CometJson.Options))!, answer.Headers.ETag!);
    }

    private async Task EndSessionsAsync()
    {
        foreach (var session in (await server.Admin.GetFromJsonAsync<Page<SessionInfo>>(PathOf("sessions")))!.Items)
        {
            using var ended = await server.Admin.DeleteAsync(new Uri($"{PathOf("sessions")}/{session.Id}", UriKind.Relative));
            ended.EnsureSuccessStatusCode();
        }
    }

    private async Task StartAsync(bool mustChangePassword = false)
    {
        _halley.Variables["HALLEY_STATE_DIR"] = State;
        _halley.Variables["HALLEY_ACCOUNT_PASSWORD"] = Password;
        Assert.True(AccountKeys.TryDeriveLKey(AccountKeys.CurrentKdf, _user, Password, out var lKey, out _));
        using var made = await server.Admin.PostAsJsonAsync(
            Routes.Accounts, new CreateAccount(_user, LKey: lKey, MustChangePassword: mustChangePassword));
        made.EnsureSuccessStatusCode();
    }

    private async Task AssertFailsAsync(int exitCode, string message, params string[] arguments)
    {
        _halley.Variables.TryAdd("HALLEY_STATE_DIR", State);
        var run = await _halley.TryAsync(arguments);
        Assert.True(run.ExitCode == exitCode, run.Output);
        Assert.Contains(message, Assert.Single(run.StandardError.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    private string PathOf(string part) => $"{Routes.ToAccount(_user)}/{part}";

    /// <summary>One server for all tests; each has an account of its own.</summary>
    public sealed class Server : IAsyncLifetime
    {
        public ServerHost Host { get; private set; } = null!;

        public HttpClient Admin { get; private set; } = null!;

        public string Address => Host.Http.BaseAddress!.ToString();

        public async Task InitializeAsync()
        {
            Host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions
            {
                Kestrel = true,
                Settings = new Dictionary<string, string>
                {
                    ["Halley:Accounts:AllowPasswordSignIn"] = "false",
                    ["Halley:VaultRequests:AllowLoopback"] = "true",
                    ["Halley:Storage:ScrubDays"] = "0", // a scheduled scrub must not find damage before a test does
                },
            });
            Admin = await Host.SignInAsync();
        }

        public async Task DisposeAsync()
        {
            Admin.Dispose();
            await Host.DisposeAsync();
        }
    }
}
