using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;

namespace Halley.Cli.Tests;

/// <summary>Settings of a wrapper of restic are imported into an account, with the vault that it has used.</summary>
public sealed class ImportTests(AccountTests.Server server) : IClassFixture<AccountTests.Server>, IDisposable
{
    private const string Password = "a pass phrase of bob";
    private readonly TemporaryDirectory _directory = new();
    private readonly HalleyProgram _halley = new("", "password of a vault");
    private readonly string _user = $"user-{Guid.NewGuid():N}";

    public void Dispose()
    {
        _halley.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Import_keeps_the_snapshots_of_the_vault_and_adds_items_and_rules_once()
    {
        await StartAsync();
        var settings = await MakeSettingsAsync();

        Assert.Contains(settings, (await _halley.RunAsync("import", "list")).StandardOutput, StringComparison.Ordinal);
        var preview = (await _halley.RunAsync("import", "preview", "resticprofile")).StandardOutput;
        Assert.Contains("not imported  profile home, backup: The setting exclude-caches", preview, StringComparison.Ordinal);
        Assert.Contains("Would add 1 protected item, 1 vault and 1 rule; 1 setting was not imported.", preview, StringComparison.Ordinal);
        Assert.Empty((await ReadProfileAsync()).Sources);

        var applied = (await _halley.RunAsync("import", "apply", $"resticprofile:{settings}", "--json")).StandardOutput;

        var summary = JsonDocument.Parse(applied.TrimEnd().Split('\n')[^1]).RootElement;
        Assert.Equal((true, 1, 1), (
            summary.GetProperty("applied").GetBoolean(), summary.GetProperty("items").GetInt32(), summary.GetProperty("rules").GetInt32()));
        var profile = await ReadProfileAsync();
        var rule = Assert.Single(profile.BackupRules).Value;
        Assert.Equal(profile.Destinations.Keys.Single(), rule.Destination);
        Assert.Equal(profile.Sources.Keys.Single(), rule.Source);
        Assert.Equal(ScheduleFrequencies.Daily, rule.Schedules.Single().FrequencyType);
        _halley.Variables["HALLEY_PASSWORD"] = "";
        Assert.Contains("1 snapshot", (await _halley.RunAsync("-r", "vault:home", "snapshots")).StandardOutput, StringComparison.Ordinal);

        var again = (await _halley.RunAsync("import", "apply", "resticprofile")).StandardOutput;
        Assert.Contains("Added 0 protected items, 0 vaults and 0 rules", again, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_are_not_there_are_named()
    {
        await StartAsync();

        var run = await _halley.TryAsync("import", "--preview");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("No settings of another backup program were found", run.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 programs. To import from a file elsewhere: halley import preview KIND:FILE.", "import", "list")]
    [InlineData("0 jobs. The agent makes them: ", "jobs")]
    [InlineData("0 vaults. Request one: halley vault list-providers.", "vault", "list")]
    [InlineData("0 providers. The administrator of the server can offer storage to this account.", "vault", "list-providers")]
    public async Task List_without_entries_says_what_to_do_next(string words, params string[] command)
    {
        await StartAsync();

        Assert.Contains(words, (await _halley.RunAsync(command)).StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_that_hides_imports_is_obeyed()
    {
        await StartAsync();
        var settings = await MakeSettingsAsync();
        var path = new Uri($"{Routes.ToAccount(_user)}/profile", UriKind.Relative);
        using var read = await server.Admin.GetAsync(path);
        var profile = (await read.Content.ReadFromJsonAsync<UserProfileConfig>(CometJson.Options))!;
        profile.Policy.HideAppImport = true;
        using var save = new HttpRequestMessage(HttpMethod.Put, path)
        {
            Content = JsonContent.Create(profile, options: CometJson.Options),
            Headers = { IfMatch = { read.Headers.ETag! } },
        };
        (await server.Admin.SendAsync(save)).EnsureSuccessStatusCode();

        var run = await _halley.TryAsync("import", "apply", $"resticprofile:{settings}");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("The policy of this account does not allow", run.StandardError, StringComparison.Ordinal);
        Assert.Empty((await ReadProfileAsync()).Sources);
    }

    private async Task StartAsync()
    {
        _halley.Variables["HOME"] = _directory.Path;
        _halley.Variables["HALLEY_STATE_DIR"] = _directory["state"];
        _halley.Variables["HALLEY_ACCOUNT_PASSWORD"] = Password;
        Assert.True(AccountKeys.TryDeriveLKey(AccountKeys.CurrentKdf, _user, Password, out var lKey, out _));
        using var made = await server.Admin.PostAsJsonAsync(Routes.Accounts, new CreateAccount(_user, LKey: lKey));
        made.EnsureSuccessStatusCode();
        await _halley.RunAsync("login", server.Address, _user);
    }

    // A vault with a snapshot, and the settings with which resticprofile backs up to it.
    private async Task<string> MakeSettingsAsync()
    {
        using var tree = new SampleTree();
        await _halley.RunAsync("-r", _directory["vault"], "init");
        await _halley.RunAsync("-r", _directory["vault"], "backup", tree.Path);
        Directory.CreateDirectory(_directory[".config", "resticprofile"]);
        File.WriteAllText(_directory[".config", "resticprofile", "key"], "password of a vault\n");
        var settings = _directory[".config", "resticprofile", "profiles.yaml"];
        File.WriteAllText(settings, $"""
            home:
              repository: local:{_directory["vault"]}
              password-file: key
              backup:
                source: /home
                exclude-caches: true
                schedule: "02:30"
            """);
        return settings;
    }

    private async Task<UserProfileConfig> ReadProfileAsync() => (await server.Admin.GetFromJsonAsync<UserProfileConfig>(
        new Uri($"{Routes.ToAccount(_user)}/profile", UriKind.Relative), CometJson.Options))!;
}
