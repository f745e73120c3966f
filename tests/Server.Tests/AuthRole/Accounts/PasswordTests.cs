using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;
using Halley.Testing;
using static Halley.Server.Tests.AuthRole.Accounts.AccountCalls;

namespace Halley.Server.Tests.AuthRole.Accounts;

public class PasswordTests(SharedServers servers) : IClassFixture<SharedServers>
{
    private const string Newer = "a newer pass phrase";
    private static readonly byte[] VaultKey = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];
    private static readonly ConcurrentDictionary<string, AccountKeys> Keys = new();

    [Theory]
    [DatabaseData]
    public async Task Reset_without_old_password_or_recovery_is_refused_because_keys_would_be_lost(TestDatabase database)
    {
        var host = await servers.WithoutAccountsAsync(database);
        await host.AddUserAsync();
        await SealAsync(host, Password);

        Assert.Equal(400, (await ResetAsync(host, null)).StatusOf());
        Assert.Equal(403, (await ResetAsync(host, "not the old one")).StatusOf());
        var session = await host.SessionOfUserAsync();
        Assert.Equal(200, (await ResetAsync(host, Password)).StatusOf());

        await AssertReadableAsync(host, Newer);
        Assert.Equal(403, (await host.AsUserAsync("get-user-profile-and-hash", session)).StatusOf());
        Assert.Equal(403, (await host.AsUserAsync("session/start", ByPassword())).StatusOf());
        Assert.Equal(200, (await host.AsUserAsync("session/start", ByPassword(Newer))).StatusOf());
    }

    [Fact]
    public async Task Recovery_that_the_server_keeps_moves_the_keys_each_time()
    {
        var host = await servers.WithoutAccountsAsync();
        await host.AddUserAsync(further: [("StoreRecoveryCode", "1")]);
        await SealAsync(host, Password);
        var first = (await host.ReadProfileAsync()).Profile.PasswordRecovery;
        Assert.NotEmpty(first);

        Assert.Equal(200, (await ResetAsync(host, null)).StatusOf());
        await AssertReadableAsync(host, Newer);
        Assert.NotEqual(first, (await host.ReadProfileAsync()).Profile.PasswordRecovery);
        Assert.Equal(200, (await ResetAsync(host, null, "the third one")).StatusOf());
        await AssertReadableAsync(host, "the third one");
    }

    [Fact]
    public async Task Recovery_of_a_client_lets_the_password_be_reset_and_stays_for_its_owner()
    {
        var host = await servers.WithoutAccountsAsync();
        await host.AddUserAsync();
        var (profile, _) = await host.ReadProfileAsync();
        profile.PasswordRecovery = "1.sealed-by-a-code-on-paper";
        Assert.Equal(200, (await host.WriteProfileAsync(profile)).StatusOf());
        profile.PasswordRecovery = "server.1.forged";
        Assert.Equal(400, (await host.WriteProfileAsync(profile)).StatusOf());

        Assert.Equal(200, (await ResetAsync(host, null)).StatusOf());

        Assert.Equal("1.sealed-by-a-code-on-paper", (await host.ReadProfileAsync()).Profile.PasswordRecovery);
        Assert.Equal(200, (await host.AsUserAsync("session/start", ByPassword(Newer))).StatusOf());
    }

    [Fact]
    public async Task User_changes_his_password_with_the_hash_of_his_profile()
    {
        var host = await servers.WithoutAccountsAsync();
        await host.AddUserAsync();
        await SealAsync(host, Password);
        var session = await host.SessionOfUserAsync();
        var (_, hash) = await host.ReadProfileAsync();
        (string, string)[] request = [("OldPassword", Password), ("NewPassword", Newer)];

        Assert.Equal(409, (await host.AsUserAsync("account/reset-password", session, [("ProfileHash", "old"), .. request])).StatusOf());
        Assert.Equal(200, (await host.AsUserAsync("account/reset-password", session, [("ProfileHash", hash), .. request])).StatusOf());

        await AssertReadableAsync(host, Newer);
        Assert.True((await host.AsUserAsync("get-user-profile-and-hash", session)).TryGetProperty("Profile", out _));
    }

    [Theory]
    [DatabaseData]
    public async Task Forced_change_allows_nothing_else_and_stores_key_and_profile_together(TestDatabase database)
    {
        var host = await servers.WithoutAccountsAsync(database);
        await host.AddUserAsync(further: [("RequirePasswordChange", "1")]);
        Assert.Equal(403, (await host.AsUserAsync("set-profile-hash", ByPassword())).StatusOf());
        using var user = await host.SignInUserAsync(new StartSession(User, LKey: LKeyOf()));
        using var refused = await user.GetAsync(new Uri(Routes.UserDevices, UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("password_change_required", await refused.CodeOfAsync());

        using var read = await user.GetAsync(new Uri(Routes.UserProfile, UriKind.Relative));
        var profile = JsonSerializer.Deserialize<UserProfileConfig>(await read.Content.ReadAsStringAsync(), CometJson.Options)!;
        profile.AccountName = "sealed anew";
        var change = new ChangeLKey { CurrentLKey = LKeyOf(), NewLKey = LKeyOf(password: Newer), Profile = profile };
        Assert.Equal("if_match_required", await (await PutAsync(user, change, null)).CodeOfAsync());
        Assert.Equal("profile_changed", await (await PutAsync(user, change, "\"old\"")).CodeOfAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await PutAsync(user, change, read.Headers.ETag!.ToString())).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await user.GetAsync(new Uri(Routes.UserDevices, UriKind.Relative))).StatusCode);
        Assert.Equal("sealed anew", (await host.ReadProfileAsync()).Profile.AccountName);
        Assert.Equal(403, (await host.AsUserAsync("session/start", ByLKey(LKeyOf()))).StatusOf());
        Assert.Equal(200, (await host.AsUserAsync("session/start", ByPassword(Newer))).StatusOf());
    }

    [Fact]
    public async Task Version_from_before_a_change_of_the_password_is_not_restored()
    {
        var host = await servers.WithoutAccountsAsync();
        await host.AddUserAsync();
        await SealAsync(host, Password);
        await ResetAsync(host, Password);
        using var admin = await host.SignInAsync();
        var versions = (await admin.GetFromJsonAsync<Page<ProfileVersionInfo>>($"{Routes.Accounts}/{User}/profile/versions"))!.Items;

        using var answer =
            await admin.PostAsync(new Uri($"{Routes.Accounts}/{User}/profile/versions/{versions[0].Id}/restore", UriKind.Relative), null);

        Assert.Equal("profile_refused", await answer.CodeOfAsync());
    }

    private static Task<JsonElement> ResetAsync(ServerHost host, string? old, string password = Newer) => host.AsAdministratorAsync(
        "reset-user-password", ("TargetUser", User), ("NewPassword", password), ("OldPassword", old ?? ""));

    private static async Task<HttpResponseMessage> PutAsync(HttpClient user, ChangeLKey change, string? ifMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Routes.UserPassword)
        {
            Content = new StringContent(JsonSerializer.Serialize(change, CometJson.Options), Encoding.UTF8, "application/json"),
        };
        if (ifMatch is not null)
        {
            request.Headers.IfMatch.Add(EntityTagHeaderValue.Parse(ifMatch));
        }

        return await user.SendAsync(request);
    }

    private static async Task SealAsync(ServerHost host, string password)
    {
        var (profile, _) = await host.ReadProfileAsync();
        var keys = KeysOf(password);
        profile.Destinations["v1"] = new DestinationConfig
        {
            EncryptionKeyEncryptionMethod = 1,
            EncryptedEncryptionKey = ProfileSecret.Seal(keys.RKey, SecretPurpose.For(SecretPurpose.VaultKey, "v1"), VaultKey),
            CometBucketKey = ProfileSecret.Seal(keys.RKey, SecretPurpose.BucketKey, VaultKey),
        };
        Assert.Equal(200, (await host.WriteProfileAsync(profile)).StatusOf());
    }

    private static async Task AssertReadableAsync(ServerHost host, string password)
    {
        var vault = (await host.ReadProfileAsync()).Profile.Destinations["v1"];
        var keys = KeysOf(password);
        Assert.True(ProfileSecret.TryOpen(
            keys.RKey, SecretPurpose.For(SecretPurpose.VaultKey, "v1"), vault.EncryptedEncryptionKey, out var opened));
        Assert.Equal(VaultKey, opened);
        Assert.True(ProfileSecret.TryOpen(keys.RKey, SecretPurpose.BucketKey, vault.CometBucketKey, out _));
    }

    private static AccountKeys KeysOf(string password) => Keys.GetOrAdd(
        password,
        static of => AccountKeys.TryDerive(AccountKeys.CurrentKdf, User, of, out var keys, out _)
            ? keys
            : throw new ArgumentException("No password"));
}
