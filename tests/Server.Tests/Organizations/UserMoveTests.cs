using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;
using static Halley.Server.Tests.AuthRole.Accounts.AccountCalls;

namespace Halley.Server.Tests.Organizations;

/// <summary>A user moves from one server to another by the calls that the vendor's clients have for it.</summary>
public class UserMoveTests
{
    [Theory]
    [DatabaseData]
    public async Task User_moves_to_another_server_with_password_profile_and_vaults_and_gets_a_new_vault_there(TestDatabase database)
    {
        await using var from = await StartAsync(database);
        await using var to = await StartAsync(database);
        await from.AddUserAsync();
        await from.CallAsync("request-storage-vault", ("TargetUser", User), ("StorageProvider", "own"), ("SelfAddress", AddressOf(from)));
        var (before, hash) = await from.ReadProfileAsync();
        before.AccountName = "Bob";
        Assert.Equal(200, (await from.WriteProfileAsync(before, hash)).StatusOf());
        var session = await from.SessionOfUserAsync();

        var exported = (await from.AsAdministratorAsync("get-user-profile", ("TargetUser", User))).GetRawText();
        Assert.Equal(
            200, (await to.AsAdministratorAsync("add-user-from-profile", ("TargetUser", User), ("ProfileData", exported))).StatusOf());
        var moved = await to.AsAdministratorAsync("get-user-profile", ("TargetUser", User));
        Assert.True(CometJson.AreEqual(Read(exported), Read(moved.GetRawText())), $"{exported}\n{moved}");
        Assert.Equal(200, (await to.AsUserAsync("session/start", ByPassword())).StatusOf());
        Assert.Equal(200, (await to.AsUserAsync("session/start", ByLKey(LKeyOf()))).StatusOf());
        Assert.Equal(403, (await to.AsUserAsync("session/start", ByPassword("another password"))).StatusOf());
        Assert.Equal(403, (await to.AsUserAsync("get-user-profile-and-hash", session)).StatusOf());

        // The vault that was made on the first server goes on there; the next one is made on the second.
        var answer =
            await to.AsUserAsync("request-storage-vault", ByPassword(), ("StorageProvider", "own"), ("SelfAddress", AddressOf(to)));
        var after = answer.GetProperty("Profile").Deserialize<UserProfileConfig>(CometJson.Options)!.Destinations;
        Assert.Equal(2, after.Count);
        var (old, made) = (after.Single(vault => before.Destinations.ContainsKey(vault.Key)).Value,
            after[answer.GetProperty("DestinationID").GetString()!]);
        Assert.Equal((AddressOf(from), AddressOf(to)), (old.CometServer, made.CometServer));
        Assert.Equal([made.CometBucket], (await to.CallAsync("storage/list-buckets")).EnumerateObject().Select(bucket => bucket.Name));

        Assert.Equal(200, (await from.AsAdministratorAsync("delete-user", ("TargetUser", User))).StatusOf());
        Assert.Equal(403, (await from.AsUserAsync("session/start", ByPassword())).StatusOf());
        Assert.Equal(403, (await from.AsUserAsync("get-user-profile-and-hash", session)).StatusOf());
        Assert.Equal([old.CometBucket], (await from.CallAsync("storage/list-buckets")).EnumerateObject().Select(bucket => bucket.Name));
        Assert.Equal(200, (await to.AsUserAsync("session/start", ByPassword())).StatusOf());
    }

    [Theory]
    [DatabaseData]
    public async Task New_user_gets_the_vault_of_his_policy_by_itself_and_one_with_a_profile_keeps_what_he_has(TestDatabase database)
    {
        await using var host = await StartAsync(database);
        await host.CallAsync(
            "policies/new",
            ("Policy", """{"Description":"Everybody","DefaultUserPolicy":true,"Policy":{"DefaultNewStorageVault":"own"}}"""));
        await host.AddUserAsync();

        var (profile, _) = await host.ReadProfileAsync();
        var vault = Assert.Single(profile.Destinations).Value;
        Assert.Equal((AddressOf(host), "own", 0), (vault.CometServer, profile.AutoStorageTemplateGUID, vault.RepoInitTimestamp));
        Assert.Equal([vault.CometBucket], (await host.CallAsync("storage/list-buckets")).EnumerateObject().Select(bucket => bucket.Name));

        profile.Destinations.Clear();
        await host.AsAdministratorAsync("add-user-from-profile", ("TargetUser", "complete"), ("ProfileData", Json(profile)));
        Assert.Empty((await host.ReadProfileAsync("complete")).Profile.Destinations);

        // A template that is no more is no reason to refuse the user.
        await host.CallAsync("meta/remote-storage-vault/set", ("RemoteStorageOptions", "[]"));
        Assert.Equal(200, (await host.AddUserAsync("later")).StatusOf());
        Assert.Empty((await host.ReadProfileAsync("later")).Profile.Destinations);
    }

    [Fact]
    public async Task Settings_of_the_server_that_a_client_obeys_are_in_every_profile_and_not_for_anybody_to_change()
    {
        await using var host = await StartAsync(TestDatabase.Sqlite);
        await host.AddUserAsync();
        await host.Service<Settings.ServerSettings>().ChangeAsync(
            settings => settings.AuthenticationRole.GlobalOverrides = new GlobalOverrideOptions { RandomDelaySecs = 600 },
            default);

        var (profile, hash) = await host.ReadProfileAsync();
        Assert.Equal(600UL, profile.ServerConfig.RandomDelaySecs);
        profile.ServerConfig.RandomDelaySecs = 1;
        Assert.Equal(200, (await host.WriteProfileAsync(profile, hash)).StatusOf());
        Assert.Equal(600UL, (await host.ReadProfileAsync()).Profile.ServerConfig.RandomDelaySecs);
    }

    private static UserProfileConfig Read(string json) => JsonSerializer.Deserialize<UserProfileConfig>(json, CometJson.Options)!;

    private static async Task<ServerHost> StartAsync(TestDatabase database)
    {
        var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions
        {
            Database = database,
            Kestrel = true,
            Settings = { ["Halley:VaultRequests:AllowLoopback"] = "true" },
        });
        await host.Service<Settings.ServerSettings>().ChangeAsync(
            settings =>
            {
                settings.AuthenticationRole.RemoteStorage =
                    [new RemoteStorageOption { ID = "own", Type = "comet", RemoteAddress = "$self$", Description = "Own" }];
            },
            default);
        return host;
    }

    private static string AddressOf(ServerHost host) => host.Http.BaseAddress!.ToString();
}
