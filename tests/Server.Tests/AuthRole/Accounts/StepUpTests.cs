using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;
using static Halley.Server.Tests.AuthRole.Accounts.AccountCalls;

namespace Halley.Server.Tests.AuthRole.Accounts;

/// <summary>One rule for both APIs: how an account is protected changes only with a fresh proof, whatever surface writes it.</summary>
public class StepUpTests
{
    private const string Required = "fresh_sign_in_required";

    private static readonly Dictionary<string, Action<UserProfileConfig>> Settings = new()
    {
        ["sign-in without a code"] = profile => (profile.AllowPasswordLogin, profile.AllowPasswordAndTOTPLogin) = (true, false),
        ["recovery"] = profile => profile.PasswordRecovery = "1.of-a-thief",
        ["addresses of reports"] = profile => profile.Emails = ["thief@example.com"],
        ["reports"] = profile => profile.SendEmailReports = !profile.SendEmailReports,
    };

    [Theory]
    [DatabaseData]
    public async Task Old_session_changes_no_security_setting_through_any_surface(TestDatabase database)
    {
        await using var server = await StartAsync(database);
        var host = server.Host;
        var old = await server.SessionsAsync();
        server.Time.Advance(AccountIdentity.FreshFor);

        foreach (var (session, key) in old)
        {
            foreach (var (setting, change) in Settings)
            {
                await RefuseAsync($"{setting} by PUT user/profile, {session}", await server.PutProfileAsync(key, change));
                await RefuseAsync($"{setting} by set-profile-hash, {session}", await server.SetProfileAsync(BySession(key), change));
            }

            await RefuseAsync(
                $"authenticator by regenerate-totp, {session}", await host.AsUserAsync("account/regenerate-totp", BySession(key)));
            await RefuseAsync($"authenticator by POST user/totp, {session}", await server.SendAsync(key, HttpMethod.Post, Routes.UserTotp));
        }

        async Task RefuseAsync(string what, object answer)
        {
            var (refused, text) = answer switch
            {
                JsonElement comet => (comet.StatusOf() == 403, comet.ToString()),
                HttpResponseMessage http => (await CodeAsync(http) == Required, await http.Content.ReadAsStringAsync()),
                _ => (false, ""),
            };
            Assert.True(refused, $"{what}: {text}");
            var (profile, _) = await host.ReadProfileAsync();
            Assert.True(
                profile is { AllowPasswordAndTOTPLogin: true, SendEmailReports: false, PasswordRecovery: "" } && profile.Emails.Count == 0,
                what);
        }
    }

    [Fact]
    public async Task Session_that_no_credential_started_is_never_a_proof()
    {
        await using var server = await StartAsync(TestDatabase.Sqlite);
        var impersonation = (await server.Host.AsAdministratorAsync("account/session-start-as-user", ("TargetUser", User)))
            .GetProperty("SessionKey").GetString()!;
        var own = (await server.SessionsAsync())["of a program"];
        var inherited = (await server.Host.AsUserAsync("session/start", BySession(own))).GetProperty("SessionKey").GetString()!;
        var made = await server.Host.AsAdministratorAsync(
            "create-install-token", ("TargetUser", User), ("TargetPassword", Password), ("Server", "http://localhost/"));
        var token = made.GetProperty("InstallToken").GetProperty("Token").GetString()!;
        using var redeemed = await server.Host.Http.PostAsJsonAsync(
            Routes.InstallTokenSessions, new RedeemInstallToken(User, token, new RegisterDevice("installed", "installed")));
        var installed = (await redeemed.Content.ReadFromJsonAsync<SessionStarted>())!.SessionKey;

        foreach (var key in new[] { impersonation, inherited, installed })
        {
            Assert.Equal(403, (await server.SetProfileAsync(BySession(key), Settings["recovery"])).StatusOf());
        }
    }

    [Fact]
    public async Task Fresh_session_and_a_call_with_the_credential_are_proofs_and_other_settings_need_none()
    {
        await using var server = await StartAsync(TestDatabase.Sqlite);
        var old = (await server.SessionsAsync())["of a program"];
        server.Time.Advance(AccountIdentity.FreshFor);
        Assert.Equal(200, (await server.SetProfileAsync(BySession(old), profile => profile.AccountName = "Bob")).StatusOf());
        var fresh = (await server.SessionsAsync())["of a program"];

        using var put = await server.PutProfileAsync(fresh, Settings["addresses of reports"]);
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        Assert.Equal(200, (await server.SetProfileAsync(server.ByCredential(), Settings["recovery"])).StatusOf());

        var (profile, _) = await server.Host.ReadProfileAsync();
        Assert.Equal(("Bob", "1.of-a-thief", "thief@example.com"),
            (profile.AccountName, profile.PasswordRecovery, Assert.Single(profile.Emails)));
    }

    private static (string Name, string Value)[] BySession(string key) => [("AuthType", "SessionKey"), ("SessionKey", key)];

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) =>
        answer.IsSuccessStatusCode ? null : await answer.CodeOfAsync();

    private static async Task<UserServer> StartAsync(TestDatabase database)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        var server = new UserServer(host, time);
        await server.AddUserWithAppAsync();
        return server;
    }

    /// <summary>A server with a user whose sign-ins require a code.</summary>
    private sealed class UserServer(ServerHost host, FakeTimeProvider time) : IAsyncDisposable
    {
        private string _secret = "";

        public ServerHost Host => host;

        public FakeTimeProvider Time => time;

        public async Task AddUserWithAppAsync()
        {
            await host.AddUserAsync();
            var made = await host.AsUserAsync("account/regenerate-totp", ByPassword());
            _secret = AuthenticatorApp.SecretIn(made.GetProperty("URL").GetString()!);
            var (profile, _) = await host.ReadProfileAsync();
            (profile.AllowPasswordAndTOTPLogin, profile.SendEmailReports) = (true, false);
            (profile.PasswordRecovery, profile.Emails) = ("", []);
            Assert.Equal(200, (await host.WriteProfileAsync(profile)).StatusOf());
        }

        public (string Name, string Value)[] ByCredential() =>
            [("AuthType", "PasswordTOTP"), ("Password", Password), ("TOTP", NextCode())];

        /// <summary>Sessions that a credential started: of a program, and of a device.</summary>
        public async Task<Dictionary<string, string>> SessionsAsync() => new()
        {
            ["of a program"] = await StartSessionAsync(null),
            ["of a device"] = await StartSessionAsync(new RegisterDevice("laptop", "laptop")),
        };

        public async Task<HttpResponseMessage> PutProfileAsync(string key, Action<UserProfileConfig> change)
        {
            using var read = await SendAsync(key, HttpMethod.Get, Routes.UserProfile);
            var profile = JsonSerializer.Deserialize<UserProfileConfig>(await read.Content.ReadAsStringAsync(), CometJson.Options)!;
            change(profile);
            return await SendAsync(key, HttpMethod.Put, Routes.UserProfile, request =>
            {
                request.Headers.IfMatch.Add(read.Headers.ETag!);
                request.Content = new StringContent(Json(profile), new MediaTypeHeaderValue("application/json"));
            });
        }

        public async Task<JsonElement> SetProfileAsync((string Name, string Value)[] credential, Action<UserProfileConfig> change)
        {
            var (profile, hash) = await host.ReadProfileAsync();
            change(profile);
            return await host.WriteOwnProfileAsync(credential, profile, hash);
        }

        public async Task<HttpResponseMessage> SendAsync(
            string key, HttpMethod method, string path, Action<HttpRequestMessage>? further = null)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            further?.Invoke(request);
            return await host.Http.SendAsync(request);
        }

        public ValueTask DisposeAsync() => host.DisposeAsync();

        private async Task<string> StartSessionAsync(RegisterDevice? device)
        {
            using var answer = await host.Http.PostAsJsonAsync(
                Routes.Sessions, new StartSession(User, null, NextCode(), LKeyOf(), device));
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            return (await answer.Content.ReadFromJsonAsync<SessionStarted>())!.SessionKey;
        }

        // Each code is accepted once, so the clock goes on to the next.
        private string NextCode()
        {
            time.Advance(TimeSpan.FromSeconds(30));
            return AuthenticatorApp.CodeAt(_secret, time.GetUtcNow());
        }
    }
}
