using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Keys;
using Halley.Protocol.Settings;

namespace Halley.Cli.Tests;

/// <summary>A user manages the vaults of an account on the command line: <c>halley vault …</c>.</summary>
public sealed class AccountVaultTests(AccountTests.Server server) : IClassFixture<AccountTests.Server>, IAsyncLifetime, IDisposable
{
    private const string Password = "a pass phrase of carol";

    private readonly TemporaryDirectory _directory = new();
    private readonly HalleyProgram _halley = new("", "password of a vault");
    private readonly string _user = $"user-{Guid.NewGuid():N}";

    public async Task InitializeAsync()
    {
        Assert.True(AccountKeys.TryDeriveLKey(AccountKeys.CurrentKdf, _user, Password, out var lKey, out _));
        using var made = await server.Admin.PostAsJsonAsync(Routes.Accounts, new CreateAccount(_user, LKey: lKey));
        made.EnsureSuccessStatusCode();
        var template = new RemoteStorageOption { ID = "1", Type = "comet", Description = "Offsite", RemoteAddress = "$self$" };
        using var form = new FormUrlEncodedContent(
        [
            new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", ServerHost.Password),
            new("RemoteStorageOptions", JsonSerializer.Serialize(new[] { template })),
        ]);
        using var set = await server.Host.Http.PostAsync(new Uri("/api/v1/admin/meta/remote-storage-vault/set", UriKind.Relative), form);
        Assert.Contains("200", await set.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        _halley.Variables["HALLEY_ACCOUNT_PASSWORD"] = Password;
        await SignInAsync("state");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _halley.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Vault_is_requested_filled_rekeyed_cloned_moved_and_removed()
    {
        using var tree = new SampleTree();
        Assert.Contains("Offsite", (await _halley.RunAsync("vault", "list-providers")).StandardOutput, StringComparison.Ordinal);
        await AssertFailsAsync("Run `halley vault list-providers`", "vault", "request", "elsewhere");

        await _halley.RunAsync("vault", "request", "offsite", "--name", "photos");
        await _halley.RunAsync("vault", "request", "Offsite", "--name", "photos");
        await _halley.RunAsync("-r", "vault:photos", "backup", tree.Path);
        var checkedThere = await _halley.RunAsync("-r", "vault:photos", "check", "--on-server", "--verbose");
        Assert.Matches("let the server read [1-9][0-9]* of them, read 0 of them", checkedThere.StandardOutput);
        await _halley.RunAsync("vault", "rotate-key", "photos");
        await _halley.RunAsync("vault", "rotate-key", "photos", "--encryption");
        await _halley.RunAsync("vault", "split", "photos", "clone", "--provider", "Offsite");
        await _halley.RunAsync("vault", "move", "photos", "--to", _directory["moved"]);
        await AssertFailsAsync("Give either --to ADDRESS or --provider", "vault", "move", "photos");
        await _halley.RunAsync("vault", "add", "spare", _directory["spare"]);
        await _halley.RunAsync("-r", "vault:spare", "copy", "--from-repo", "vault:clone");

        // Another machine has the account's password alone.
        await SignInAsync("another-machine");
        foreach (var name in new[] { "clone", "photos", "spare" })
        {
            var target = _directory[$"restored-{name}"];
            await _halley.RunAsync("-r", $"vault:{name}", "restore", "latest", "--target", target);
            Assert.Equal(await SampleTree.DescribeAsync(tree.Path), await SampleTree.DescribeAsync(target + tree.Path));
        }

        await AssertFailsAsync("Nothing was removed", "vault", "remove", "photos");
        await _halley.RunAsync("vault", "remove", "photos", "--yes");
        var left = JsonDocument.Parse((await _halley.RunAsync("vault", "list", "--json")).StandardOutput).RootElement;
        Assert.Equal(["clone", "spare"], left.EnumerateArray().Select(vault => vault.GetProperty("name").GetString()));
        Assert.NotEmpty(Directory.GetFiles(_directory["moved"], "config"));
        await AssertFailsAsync("--on-server needs a bucket of a Halley server", "-r", "vault:spare", "check", "--on-server");
    }

    [Fact]
    public async Task Copy_sets_up_the_vault_that_it_copies_to()
    {
        using var tree = new SampleTree();
        (await SampleVault.CreateAsync(_directory["old"], "password of a vault")).Dispose();
        await _halley.RunAsync("-r", _directory["old"], "backup", tree.Path);
        using var requested = await server.Admin.PostAsJsonAsync(
            $"{Routes.ToAccount(_user)}/vaults", new RequestVault("1", server.Address)); // without keys, as an administrator does
        requested.EnsureSuccessStatusCode();

        _halley.Variables["HALLEY_FROM_PASSWORD"] = "password of a vault";
        await _halley.RunAsync("-r", "vault:Offsite", "copy", "--from-repo", _directory["old"]);
        await _halley.RunAsync("-r", "vault:Offsite", "copy", "--from-repo", _directory["old"]);

        var snapshots = JsonDocument.Parse((await _halley.RunAsync("-r", "vault:Offsite", "snapshots", "--json")).StandardOutput);
        Assert.Equal(1, snapshots.RootElement.GetArrayLength());
    }

    [Fact]
    public async Task Backup_follows_a_bucket_that_moved_to_another_server()
    {
        using var tree = new SampleTree();
        await _halley.RunAsync("vault", "request", "Offsite");
        await _halley.RunAsync("-r", "vault:Offsite", "backup", tree.Path);
        await using var other = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Kestrel = true });
        using var there = await other.SignInAsync();
        var vault = JsonDocument.Parse((await _halley.RunAsync("vault", "list", "--json")).StandardOutput).RootElement[0];
        await MoveAsync(vault.GetProperty("place").GetString()!.Split('/')[^2], other, there);

        var backup = await _halley.RunAsync("-r", "vault:Offsite", "backup", tree.Path, "--tag", "after");

        Assert.Contains("has moved to", backup.StandardError, StringComparison.Ordinal);
        var list = (await _halley.RunAsync("vault", "list")).StandardOutput;
        Assert.Contains(other.Http.BaseAddress!.Authority, list, StringComparison.Ordinal);
        var snapshots = JsonDocument.Parse((await _halley.RunAsync("-r", "vault:Offsite", "snapshots", "--json")).StandardOutput);
        Assert.Equal(2, snapshots.RootElement.GetArrayLength());
    }

    // As an administrator does who has no part in the account's server: the profile is not changed there.
    private async Task MoveAsync(string bucket, ServerHost other, HttpClient there)
    {
        using var token = await there.PostAsJsonAsync(Routes.Tokens, new CreateToken("transfer", ["buckets"]));
        token.EnsureSuccessStatusCode();
        var secret = (await token.Content.ReadFromJsonAsync<TokenCreated>())!.Token;
        using var started = await server.Admin.PostAsJsonAsync(
            Routes.ToBucketTransfer(bucket), new StartTransfer($"{other.Http.BaseAddress}", Token: secret));
        started.EnsureSuccessStatusCode();
        var task = (await started.Content.ReadFromJsonAsync<TaskInfo>())!;
        await Eventually.HoldsAsync(
            "the bucket moves", TimeSpan.FromSeconds(30),
            async () => (await server.Admin.GetFromJsonAsync<TaskInfo>(Routes.ToTask(task.Id)))!.State == TaskState.Done);
    }

    private async Task SignInAsync(string state)
    {
        _halley.Variables["HALLEY_STATE_DIR"] = _directory[state];
        await _halley.RunAsync("login", server.Address, _user);
    }

    private async Task AssertFailsAsync(string message, params string[] arguments)
    {
        var run = await _halley.TryAsync(arguments);
        Assert.True(run.ExitCode == 1, run.Output);
        Assert.Contains(message, run.StandardError, StringComparison.Ordinal);
    }
}
