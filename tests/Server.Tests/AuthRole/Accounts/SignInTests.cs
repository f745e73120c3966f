using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using static Halley.Server.Tests.AuthRole.Accounts.AccountCalls;

namespace Halley.Server.Tests.AuthRole.Accounts;

public class SignInTests
{
    [Theory]
    [DatabaseData]
    public async Task User_signs_in_by_password_by_l_key_and_by_session(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        Assert.Equal(200, (await host.AddUserAsync()).StatusOf());

        foreach (var credential in new[] { ByPassword(), ByLKey(LKeyOf()) })
        {
            var started = await host.AsUserAsync("session/start", credential);
            Assert.Equal(["Status", "Message", "SessionKey", "SessionType"], started.EnumerateObject().Select(field => field.Name));
            Assert.Equal("user", started.GetProperty("SessionType").GetString());
            (string, string)[] session = [("AuthType", "SessionKey"), ("SessionKey", started.GetProperty("SessionKey").GetString()!)];
            Assert.Equal(User,
                (await host.AsUserAsync("get-user-profile-and-hash", session)).GetProperty("Profile").GetProperty("Username").GetString());
            Assert.Equal(200, (await host.AsUserAsync("session/revoke", session)).StatusOf());
            Assert.Equal(403, (await host.AsUserAsync("get-user-profile-and-hash", session)).StatusOf());
        }
    }

    [Theory]
    [DatabaseData]
    public async Task Unknown_wrong_suspended_and_locked_get_the_same_answer(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        await host.AddUserAsync();
        var answers = new HashSet<string>();
        async Task AskAsync(string user, string lKey)
        {
            answers.Add((await host.CallCometAsync(
                "user/web/session/start", [new("Username", user), new("AuthType", "LKey"), new("LKey", lKey)])).ToString());
            using var answer = await host.Http.PostAsJsonAsync(Routes.Sessions, new StartSession(user, LKey: lKey));
            answers.Add(
                $"{(int)answer.StatusCode} {Regex.Replace(await answer.Content.ReadAsStringAsync(), "\"traceId\":\"[^\"]*\"", "")}");
        }

        var right = LKeyOf();
        await AskAsync("nobody", right);
        await AskAsync(User, new string('0', 48));
        await AskAsync(User, "no key at all");
        var (profile, _) = await host.ReadProfileAsync();
        profile.IsSuspended = true;
        Assert.Equal(200, (await host.WriteProfileAsync(profile)).StatusOf());
        await AskAsync(User, right);
        profile.IsSuspended = false;
        Assert.Equal(200, (await host.WriteProfileAsync(profile)).StatusOf());
        for (var i = 0; i < 5; i++)
        {
            await AskAsync(User, new string((char)('1' + i), 48));
        }

        await AskAsync(User, right);
        Assert.Equal(2, answers.Count);
    }

    [Theory]
    [DatabaseData]
    public async Task Only_a_registered_device_with_the_right_key_learns_that_it_is_suspended_and_is_never_locked_for_asking(
        TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        await host.AddUserAsync();
        var (right, wrong) = (LKeyOf(), new string('0', 48));
        async Task<string> AskAsync(string lKey, string device)
        {
            using var answer = await host.Http.PostAsJsonAsync(
                Routes.Sessions,
                new StartSession(User, LKey: lKey, Device: new RegisterDevice(device, device, new OSInfo(), "1.0", "UTC")));
            return answer.IsSuccessStatusCode ? ""
                : (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()!;
        }

        Assert.Equal("", await AskAsync(right, "laptop"));
        var (profile, _) = await host.ReadProfileAsync();
        profile.IsSuspended = true;
        Assert.Equal(200, (await host.WriteProfileAsync(profile)).StatusOf());
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal("account_suspended", await AskAsync(right, "laptop"));
        }

        Assert.Equal("invalid_credentials", await AskAsync(wrong, "laptop"));
        Assert.Equal("invalid_credentials", await AskAsync(right, "another"));
        profile.IsSuspended = false;
        Assert.Equal(200, (await host.WriteProfileAsync(profile)).StatusOf());
        Assert.Equal("", await AskAsync(right, "laptop"));
    }

    [Fact]
    public async Task Refusals_of_all_kinds_come_after_the_same_delay_and_a_lock_ends()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions
        {
            Time = time,
            Settings = { ["Halley:Credentials:FailureDelay"] = "00:00:00.5" },
        });
        await host.AddUserAsync();
        var access = host.Service<AccountAccess>();
        var right = AccountCredential.OfLKey(User, LKeyOf());
        async Task<TimeSpan> AskAsync(AccountCredential credential)
        {
            var start = time.GetTimestamp();
            var signIn = access.SignInAsync(credential, null, default);
            while (!signIn.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                await Task.WhenAny(signIn, Task.Delay(20));
            }

            Assert.Equal(AccountSignInResult.Refused, (await signIn).Result);
            return time.GetElapsedTime(start);
        }

        Assert.NotEqual(TimeSpan.Zero, await AskAsync(AccountCredential.OfLKey("nobody", LKeyOf())));
        for (var i = 0; i < 5; i++)
        {
            Assert.NotEqual(TimeSpan.Zero, await AskAsync(AccountCredential.OfLKey(User, new string((char)('a' + i), 48))));
        }

        Assert.NotEqual(TimeSpan.Zero, await AskAsync(right));
        time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(AccountSignInResult.SignedIn, (await access.SignInAsync(right, null, default)).Result);
    }

    [Theory]
    [DatabaseData]
    public async Task Session_slides_with_use_ends_after_two_days_and_says_so(TestDatabase database)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        await host.AddUserAsync();
        var sessions = host.Service<AccountSessions>();
        var account = (await host.Service<AccountAccess>().SignInAsync(AccountCredential.OfLKey(User, LKeyOf()), null, default)).Account!;
        var (used, _) = await sessions.StartAsync(account, new SessionOrigin(null, "test"), null, default);
        var (idle, _) = await sessions.StartAsync(account, new SessionOrigin(null, "test"), null, default);
        var hours = 0.0;
        while (await sessions.UseAsync(used, default) is not null)
        {
            time.Advance(TimeSpan.FromMinutes(29));
            hours += 29.0 / 60;
        }

        Assert.InRange(hours, 48, 48.5);
        Assert.Null(await sessions.UseAsync(idle, default));
        // The periodic job has its clock from the test as well, so it may have been faster.
        await sessions.RemoveExpiredAsync(default);
        await using var context = await host.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        await Eventually.HoldsAsync("both sessions are told to have expired", TimeSpan.FromSeconds(30), async () =>
            await context.Set<EventRecord>().CountAsync(record => record.Type == StreamableEventType.AccountSessionExpire) == 2);
    }

    [Fact]
    public async Task Hybrid_sign_in_tells_which_kind_of_caller_it_was()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        await host.AddUserAsync();
        await host.AddUserAsync(ServerHost.Username, "another password");

        async Task<string?> KindAsync(string user, string password)
        {
            var answer = await host.CallCometAsync(
                "hybrid/session/start", [new("Username", user), new("AuthType", "Password"), new("Password", password)]);
            var started = await host.Http.PostAsJsonAsync(Routes.Sessions, new StartSession(user, password));
            var body = await started.Content.ReadFromJsonAsync<JsonElement>();
            return answer.TryGetProperty("SessionType", out var kind)
                ? $"{kind.GetString()} {body.GetProperty("kind").GetString()}"
                : $"{answer.StatusOf()} {body.GetProperty("code").GetString()}";
        }

        Assert.Equal("admin administrator", await KindAsync(ServerHost.Username, ServerHost.Password));
        Assert.Equal("user account", await KindAsync(User, Password));
        Assert.Equal("user account", await KindAsync(ServerHost.Username, "another password"));
        Assert.Equal("403 invalid_credentials", await KindAsync("nobody", Password));
        Assert.Equal("403 invalid_credentials", await KindAsync(User, ServerHost.Password));
    }

    [Fact]
    public async Task Password_that_is_right_for_one_of_two_of_the_same_name_is_no_failure_of_the_other()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        await host.AddUserAsync(ServerHost.Username, "another password");
        await SetThresholdAsync(host, 3);
        async Task<bool> TryAsync(string password)
        {
            var answer = await host.CallCometAsync(
                "hybrid/session/start", [new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", password)]);
            using var own = await host.TrySignInAsync(password: password);
            return answer.StatusOf() == 200 && own.IsSuccessStatusCode;
        }

        for (var i = 0; i < 4; i++)
        {
            Assert.True(await TryAsync(ServerHost.Password));
            Assert.True(await TryAsync("another password"));
        }

        await using var database = await host.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        Assert.False(await database.Set<EventRecord>().AnyAsync(
            record => record.Type == StreamableEventType.AdminLoginFailed || record.Type == StreamableEventType.AccountLoginFailed));

        // Wrong for both is a failure of both.
        await TryAsync("wrong 1");
        await TryAsync("wrong 2");
        Assert.False(await TryAsync(ServerHost.Password));
        Assert.False(await TryAsync("another password"));
    }

    [Fact]
    public async Task Server_that_takes_no_passwords_says_so_to_everybody_and_takes_l_keys()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(
            new ServerHostOptions { Settings = { ["Halley:Accounts:AllowPasswordSignIn"] = "false" } });
        await host.AddUserAsync();

        var known = (await host.AsUserAsync("session/start", ByPassword())).ToString();
        var unknown = (await host.CallCometAsync("user/web/session/start",
            [new("Username", "nobody"), .. ByPassword().Select(field => KeyValuePair.Create(field.Name, field.Value))])).ToString();
        using var preLogin = await host.Http.PostAsJsonAsync(Routes.PreLogin, new PreLogin("nobody"));

        Assert.Equal(known, unknown);
        Assert.Contains("L-key", known, StringComparison.Ordinal);
        Assert.Equal(new PreLoginAnswer(1, PasswordsTaken: false), await preLogin.Content.ReadFromJsonAsync<PreLoginAnswer>());
        Assert.Equal(200, (await host.AsUserAsync("session/start", ByLKey(LKeyOf()))).StatusOf());
    }

    private static Task<Refusal?> SetThresholdAsync(ServerHost host, long failures) => host.Service<Settings.ServerSettings>().ChangeAsync(
        settings => settings.LoginProtection.FailureThreshold = failures,
        default);

    [Fact]
    public async Task Hash_of_an_older_work_factor_is_replaced_at_the_next_sign_in_of_either_kind()
    {
        using var directory = new TemporaryDirectory();
        await using (var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { DataDirectory = directory.Path }))
        {
            await host.AddUserAsync();
            await host.AddUserAsync("second", Password);
        }

        await using var later = await ServerHost.StartAsync(new ServerHostOptions
        {
            DataDirectory = directory.Path,
            Settings = { ["Halley:Credentials:WorkFactor"] = "5" },
        });
        Assert.Equal(200, (await later.AsUserAsync("session/start", ByLKey(LKeyOf()))).StatusOf());
        Assert.Equal(200, (await later.CallCometAsync(
            "user/web/session/start", [new("Username", "second"), new("AuthType", "Password"), new("Password", Password)])).StatusOf());

        await using var database = await later.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        Assert.All(await database.Set<Account>().Select(account => account.PasswordHash).ToListAsync(),
            hash => Assert.StartsWith("$2a$05$", hash, StringComparison.Ordinal));
        Assert.Equal(200, (await later.AsUserAsync("session/start", ByPassword())).StatusOf());
    }
}
