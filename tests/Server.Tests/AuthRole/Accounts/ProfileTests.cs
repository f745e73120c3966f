using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Testing;
using static Halley.Server.Tests.AuthRole.Accounts.AccountCalls;

namespace Halley.Server.Tests.AuthRole.Accounts;

public class ProfileTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [DatabaseData]
    public async Task Account_is_made_read_listed_and_deleted_with_the_vendors_statuses(TestDatabase database)
    {
        var host = await servers.WithoutAccountsAsync(database);
        Assert.Equal("""{"Status":200,"Message":"OK"}""", (await host.AddUserAsync(further: [("RequirePasswordChange", "0")])).ToString());
        Assert.Equal(409, (await host.AddUserAsync()).StatusOf());
        Assert.Equal(400, (await host.AddUserAsync("a b")).StatusOf());
        Assert.Equal(400, (await host.AddUserAsync("short", "1234567")).StatusOf());
        Assert.Equal(400, (await host.AsAdministratorAsync("get-user-profile", ("TargetUser", "nobody"))).StatusOf());
        await host.AddUserAsync("Zoe", Password);

        var profile = await host.AsAdministratorAsync("get-user-profile", ("TargetUser", User));
        Assert.False(profile.TryGetProperty("Status", out _));
        Assert.Equal("Etc/UTC", profile.GetProperty("LocalTimezone").GetString());
        Assert.Equal("en_US", profile.GetProperty("LanguageCode").GetString());
        Assert.NotEqual(Guid.Empty, profile.GetProperty("CreationGUID").GetGuid());
        Assert.StartsWith("$2a$", profile.GetProperty("PasswordHash").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, (await host.AsAdministratorAsync("list-users")).GetArrayLength());
        Assert.Equal(profile.ToString(), (await host.AsAdministratorAsync("list-users-full")).GetProperty(User).ToString());

        Assert.Equal(200, (await host.AsAdministratorAsync("delete-user", ("TargetUser", User))).StatusOf());
        Assert.Equal(400, (await host.AsAdministratorAsync("delete-user", ("TargetUser", User))).StatusOf());
        Assert.Equal("""["Zoe"]""", (await host.AsAdministratorAsync("list-users")).ToString());
    }

    [Fact]
    public async Task Profile_of_another_server_keeps_its_hash_and_clear_text_is_hashed()
    {
        var host = await servers.WithoutAccountsAsync();
        await host.AddUserByLKeyAsync();
        var (profile, _) = await host.ReadProfileAsync();
        await host.AsAdministratorAsync("delete-user", ("TargetUser", User));

        Assert.Equal(200,
            (await host.AsAdministratorAsync("add-user-from-profile", ("TargetUser", User), ("ProfileData", Json(profile)))).StatusOf());
        Assert.Equal(200, (await host.AsUserAsync("session/start", ByPassword())).StatusOf());
        Assert.Equal(profile.CreationGUID, (await host.ReadProfileAsync()).Profile.CreationGUID);

        (profile.PasswordFormat, profile.PasswordHash) = (0, "clear as glass");
        Assert.Equal(200,
            (await host.AsAdministratorAsync("add-user-from-profile", ("TargetUser", "clear"), ("ProfileData", Json(profile)))).StatusOf());
        Assert.StartsWith("$2a$", (await host.ReadProfileAsync("clear")).Profile.PasswordHash, StringComparison.Ordinal);
        (profile.PasswordFormat, profile.PasswordHash) = (1, "no hash");
        Assert.Equal(400, (await host.AsAdministratorAsync(
            "add-user-from-profile", ("TargetUser", "broken"), ("ProfileData", Json(profile)))).StatusOf());
    }

    [Theory]
    [DatabaseData]
    public async Task Hash_of_another_server_is_taken_and_renewed_at_the_next_sign_in_or_refused_with_the_reason(TestDatabase database)
    {
        var host = await servers.WithoutAccountsAsync(database);
        await host.AddUserAsync();
        var (profile, _) = await host.ReadProfileAsync();
        await host.AsAdministratorAsync("delete-user", ("TargetUser", User));
        async Task<string> CallAsync(string call, long format, string hash)
        {
            (profile.PasswordFormat, profile.PasswordHash) = (format, hash);
            var answer = await host.AsAdministratorAsync(call, ("TargetUser", User), ("ProfileData", Json(profile)));
            return answer.StatusOf() == 200 ? "" : answer.GetProperty("Message").GetString()!;
        }

        foreach (var call in new[] { "add-user-from-profile", "set-user-profile" })
        {
            var theirs = BCrypt.Net.BCrypt.EnhancedHashPassword(LKeyOf(), BCrypt.Net.HashType.SHA512, 6);
            Assert.Contains("PasswordFormat 7", await CallAsync(call, 7, theirs), StringComparison.Ordinal);
            Assert.Contains("not bcrypt", await CallAsync(call, 1, "$argon2id$v=19$m=65536"), StringComparison.Ordinal);
            Assert.Contains("work factor 14", await CallAsync(call, 1, theirs.Replace("$06$", "$14$", StringComparison.Ordinal)),
                StringComparison.Ordinal);
            Assert.Equal("", await CallAsync(call, 1, theirs));
            Assert.Equal(200, (await host.AsUserAsync("session/start", ByPassword())).StatusOf());
            var renewed = (await host.ReadProfileAsync()).Profile.PasswordHash;
            Assert.StartsWith("$2a$04$", renewed, StringComparison.Ordinal); // the work factor of this server
            Assert.Equal(200, (await host.AsUserAsync("session/start", ByLKey(LKeyOf()))).StatusOf());
        }
    }

    [Theory]
    [DatabaseData]
    public async Task Of_two_writers_with_the_same_hash_one_wins_and_the_other_is_told(TestDatabase database)
    {
        var host = await servers.WithoutAccountsAsync(database);
        await host.AddUserByLKeyAsync();
        var (profile, hash) = await host.ReadProfileAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i =>
        {
            var mine = CometJson.Copy(profile);
            mine.AccountName = $"writer {i}";
            return host.WriteProfileAsync(mine, hash);
        }));

        var winner = Assert.Single(answers, answer => answer.StatusOf() == 200);
        Assert.All(answers.Where(answer => answer.StatusOf() != 200), answer => Assert.Equal(409, answer.StatusOf()));
        var (stored, newHash) = await host.ReadProfileAsync();
        Assert.Equal(winner.GetProperty("Profile").GetProperty("AccountName").GetString(), stored.AccountName);
        Assert.Equal(winner.GetProperty("ProfileHash").GetString(), newHash);
        Assert.NotEqual(hash, newHash);
    }

    [Theory]
    [DatabaseData]
    public async Task Last_twenty_versions_are_kept_and_can_be_restored(TestDatabase database)
    {
        var host = await servers.WithoutAccountsAsync(database);
        await host.AddUserByLKeyAsync();
        using var admin = await host.SignInAsync();
        for (var i = 0; i < 23; i++)
        {
            using var changed = await admin.PatchAsJsonAsync($"{Routes.Accounts}/{User}", new UpdateAccount(AccountName: $"name {i}"));
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        }

        var versions = (await admin.GetFromJsonAsync<Page<ProfileVersionInfo>>($"{Routes.Accounts}/{User}/profile/versions"))!.Items;
        Assert.Equal(20, versions.Count);
        using var restored =
            await admin.PostAsync(new Uri($"{Routes.Accounts}/{User}/profile/versions/{versions[^1].Id}/restore", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.OK, restored.StatusCode);
        Assert.Equal("name 2", (await host.ReadProfileAsync()).Profile.AccountName);
        using var missing =
            await admin.PostAsync(new Uri($"{Routes.Accounts}/{User}/profile/versions/{Guid.NewGuid()}/restore", UriKind.Relative), null);
        Assert.Equal("version_not_found", await missing.CodeOfAsync());
    }

    [Fact]
    public async Task User_cannot_forge_what_belongs_to_the_server_or_the_administrator()
    {
        var host = await servers.WithoutAccountsAsync();
        await host.AddUserByLKeyAsync();
        var session = await host.SessionOfUserAsync();
        var own = await host.AsUserAsync("get-user-profile-and-hash", session);
        var (before, _) = await host.ReadProfileAsync();
        Assert.Equal("", own.GetProperty("Profile").GetProperty("PasswordHash").GetString());

        var forged = own.GetProperty("Profile").Deserialize<UserProfileConfig>(CometJson.Options)!;
        (forged.Username, forged.OrganizationID, forged.GroupID, forged.PolicyID) = ("root", "other", "group", "policy");
        (forged.CreateTime, forged.CreationGUID, forged.LastSuspended) = (1, Guid.NewGuid().ToString(), 7);
        (forged.PasswordFormat, forged.PasswordHash, forged.TOTPKey) = (1, before.PasswordHash.Replace('a', 'b'), "x");
        (forged.MaximumDevices, forged.AllProtectedItemsQuotaEnabled, forged.AllProtectedItemsQuotaBytes) = (99, true, long.MaxValue);
        (forged.IsSuspended, forged.RequirePasswordChange, forged.Policy.PreventOpenWebUI) = (true, true, true);
        (forged.AutoStorageTemplateGUID, forged.LinuxHomedirSandbox, forged.QuotaHyperVGuests) = ("t", true, 3);
        forged.AccountName = "my own";
        var answer = await host.WriteOwnProfileAsync(session, forged, own.GetProperty("ProfileHash").GetString()!);
        Assert.True(answer.TryGetProperty("Profile", out _), answer.ToString());

        var (after, _) = await host.ReadProfileAsync();
        before.AccountName = "my own";
        Assert.Equal(Json(before), Json(after));

        forged.Devices["new"] = new DeviceConfig { FriendlyName = "forged" };
        var refused = await host.WriteOwnProfileAsync(session, forged, answer.GetProperty("ProfileHash").GetString()!);
        Assert.Equal(400, refused.StatusOf());
    }

    [Fact]
    public async Task Fields_nobody_knows_survive_and_administrators_cannot_forge_either()
    {
        var host = await servers.WithoutAccountsAsync();
        await host.AddUserByLKeyAsync();
        var (before, _) = await host.ReadProfileAsync();
        var profile = CometJson.Copy(before);
        profile.FurtherFields = new() { ["FromTheFuture"] = JsonDocument.Parse("""{"a":[1,2]}""").RootElement };
        profile.Sources["s"] =
            new SourceConfig { Engine = "engine1/file", FurtherFields = new() { ["Odd"] = JsonDocument.Parse("true").RootElement } };
        (profile.Username, profile.CreateTime, profile.CreationGUID) = ("root", 1, "x");
        Assert.Equal(200, (await host.WriteProfileAsync(profile)).StatusOf());

        var (after, _) = await host.ReadProfileAsync();
        Assert.Equal("""{"a":[1,2]}""", after.FurtherFields!["FromTheFuture"].ToString());
        Assert.Equal("True", after.Sources["s"].FurtherFields!["Odd"].ToString());
        Assert.Equal((before.Username, before.CreateTime, before.CreationGUID), (after.Username, after.CreateTime, after.CreationGUID));
    }

    [Fact]
    public async Task Policy_binds_the_user_at_every_call_that_changes_something()
    {
        var host = await servers.WithoutAccountsAsync();
        await host.AddUserByLKeyAsync();
        var (profile, _) = await host.ReadProfileAsync();
        profile.Sources["item"] = new SourceConfig { Engine = "engine1/file", Description = "documents" };
        profile.Destinations["vault"] = new DestinationConfig { Description = "vault", DestinationType = 1003 };
        var policy = profile.Policy;
        policy.PreventChangeAccountName = policy.PreventChangeEmailSettings = policy.PreventChangeAccountPassword = true;
        policy.PreventNewProtectedItem = policy.PreventEditProtectedItem = policy.PreventDeleteProtectedItem = true;
        policy.PreventAddCustomStorageVault = policy.PreventEditStorageVault = policy.PreventDeleteStorageVault = true;
        Assert.Equal(200, (await host.WriteProfileAsync(profile)).StatusOf());
        var session = await host.SessionOfUserAsync();
        var hash = (await host.ReadProfileAsync()).Hash;
        Action<UserProfileConfig>[] forbidden =
        [
            own => own.AccountName = "other",
            own => own.Emails.Add("a@b.example"),
            own => own.Sources["new"] = new SourceConfig { Engine = "engine1/file" },
            own => own.Sources["item"].Description = "changed",
            own => own.Sources.Remove("item"),
            own => own.BackupRules["r"] = new BackupRuleConfig { Source = "item", Destination = "vault" },
            own => own.Destinations["new"] = new DestinationConfig(),
            own => own.Destinations["vault"].Description = "changed",
            own => own.Destinations.Remove("vault"),
        ];

        foreach (var change in forbidden)
        {
            var (own, _) = await host.ReadProfileAsync();
            change(own);
            var answer = await host.WriteOwnProfileAsync(session, own, hash);
            Assert.Equal(400, answer.StatusOf());
            Assert.Contains("policy", answer.GetProperty("Message").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(400, (await host.AsUserAsync("delete-protected-item", session, ("SourceID", "item"))).StatusOf());
        Assert.Equal(400, (await host.AsUserAsync(
            "account/reset-password", session, ("ProfileHash", hash), ("OldPassword", Password), ("NewPassword", "a newer one")))
                .StatusOf());
        var (reported, _) = await host.ReadProfileAsync();
        reported.Destinations["vault"].RepoInitTimestamp = 5;
        reported.Destinations["vault"].EncryptedEncryptionKey = "sealed";
        Assert.True((await host.WriteOwnProfileAsync(session, reported, hash)).TryGetProperty("Profile", out _));
    }

    [Fact]
    public async Task User_without_web_access_is_told_so_by_every_call()
    {
        var host = await servers.WithoutAccountsAsync();
        await host.AddUserByLKeyAsync();
        var session = await host.SessionOfUserAsync();
        var (profile, _) = await host.ReadProfileAsync();
        profile.Policy.PreventOpenWebUI = true;
        await host.WriteProfileAsync(profile);

        Assert.Equal(403, (await host.AsUserAsync("session/start", ByLKey(LKeyOf()))).StatusOf());
        Assert.Equal(403, (await host.AsUserAsync("get-user-profile-and-hash", session)).StatusOf());
    }

    [Fact]
    public async Task Protected_item_is_set_read_and_deleted_with_its_schedules()
    {
        var host = await servers.WithoutAccountsAsync();
        await host.AddUserByLKeyAsync();
        (string, string)[] target = [("TargetUser", User), ("SourceID", "item")];
        var rules = JsonSerializer.Serialize(
            new Dictionary<string, BackupRuleConfig> { ["daily"] = new() { Description = "daily" } }, CometJson.Options);
        Assert.Equal(200, (await host.AsAdministratorAsync(
            "set-protected-item-with-backup-rules",
            [.. target, ("Source", Json(new SourceConfig { Engine = "engine1/file" })), ("BackupRules", rules)])).StatusOf());

        var read = await host.AsAdministratorAsync("get-protected-item-with-backup-rules", target);
        Assert.Equal("engine1/file", read.GetProperty("Source").GetProperty("Engine").GetString());
        Assert.Equal("item", read.GetProperty("BackupRules").GetProperty("daily").GetProperty("Source").GetString());
        Assert.Equal(409, (await host.AsAdministratorAsync(
            "set-protected-item-with-backup-rules", [.. target, ("RequireHash", "old"), ("BackupRules", "{}")])).StatusOf());
        Assert.Equal(200, (await host.AsAdministratorAsync("delete-protected-item", target)).StatusOf());
        Assert.Equal(400, (await host.AsAdministratorAsync("get-protected-item-with-backup-rules", target)).StatusOf());
        Assert.Empty((await host.ReadProfileAsync()).Profile.BackupRules);
    }

    [Theory]
    [InlineData("""{"LocalTimezone":"Mars/Olympus"}""")]
    [InlineData("""{"Emails":["nobody"]}""")]
    [InlineData("""{"Sources":{"":{}}}""")]
    [InlineData("""{"Sources":{"a":null}}""")]
    [InlineData("""{"Sources":[]}""")]
    [InlineData("""{"AccountName":7}""")]
    [InlineData("""{"AllowPasswordLogin":false}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    public async Task Document_that_cannot_be_stored_is_refused_with_a_reason(string document)
    {
        var host = await servers.WithoutAccountsAsync();
        await host.AddUserByLKeyAsync();

        var answer = await host.AsAdministratorAsync("set-user-profile", ("TargetUser", User), ("ProfileData", document));

        Assert.Equal(400, answer.StatusOf());
        Assert.NotEmpty(answer.GetProperty("Message").GetString()!);
    }
}
