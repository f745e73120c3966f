using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Halley.Protocol;
using Halley.Server.Administrators;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.Credentials;
using Halley.Server.Settings;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Administrators;

public class TwoFactorTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [DatabaseData]
    public async Task App_is_set_up_through_the_vendors_calls_and_its_codes_are_asked_for_then(TestDatabase database)
    {
        var time = new FakeTimeProvider(Start);
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        var made = await host.CallCometAsync("admin/account/regenerate-totp", Password());
        Assert.Equal(["Status", "Message", "Image", "URL", "ProfileHash"], made.EnumerateObject().Select(field => field.Name));
        Assert.StartsWith("data:image/png;base64,iVBOR", made.GetProperty("Image").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("otpauth://totp/Halley:alice?secret=", made.GetProperty("URL").GetString(), StringComparison.Ordinal);
        var secret = AuthenticatorApp.SecretIn(made.GetProperty("URL").GetString()!);

        Assert.Equal(400, Status(await host.CallCometAsync("admin/account/validate-totp", [.. Password(), new("TOTPCode", "000000")])));
        Assert.Equal(
            200, Status(await host.CallCometAsync("admin/account/validate-totp", [.. Password(), new("TOTPCode", Code(secret, time))])));
        Assert.Equal(200, await SetPropertiesAsync(host, Password(), security => security.Replace(
            "\"AllowPasswordAndTOTPLogin\":false", "\"AllowPasswordAndTOTPLogin\":true", StringComparison.Ordinal)));
        time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(449, Status(await host.CallCometAsync("admin/account/session-start", Password())));
        Assert.Equal(403, Status(await host.CallCometAsync("admin/account/session-start", PasswordTotp("000000"))));
        Assert.Equal(200, Status(await host.CallCometAsync("admin/account/session-start", PasswordTotp(Code(secret, time)))));
        Assert.Equal(403, Status(await host.CallCometAsync("admin/account/session-start", PasswordTotp(Code(secret, time)))));
    }

    [Theory]
    [InlineData("{0} {1}")]
    [InlineData(" {0}-{1}\n")]
    [InlineData("{0}\u00A0{1}")]
    public async Task Code_is_accepted_as_apps_show_it_and_people_type_it(string form)
    {
        var time = new FakeTimeProvider(Start);
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Time = time });
        var secret = await TurnOnAsync(host, time);
        time.Advance(TimeSpan.FromSeconds(30));
        var code = Code(secret, time);
        var arabic = new string([.. code.Select(digit => (char)(digit - '0' + '٠'))]);

        var typed = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, code[..3], code[3..]);

        Assert.Equal(code, Totp.Read(typed));
        Assert.Equal(code, Totp.Read(arabic));
        Assert.Null(Totp.Read(code + "1"));
        Assert.Null(Totp.Read("12345x"));
        Assert.Equal(200, Status(await host.CallCometAsync("admin/account/session-start", PasswordTotp(typed))));
    }

    [Theory]
    [DatabaseData]
    public async Task Session_that_waits_for_its_code_is_good_for_nothing_else(TestDatabase database)
    {
        var time = new FakeTimeProvider(Start);
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        var secret = await TurnOnAsync(host, time);
        using var form = new FormUrlEncodedContent(Password());
        using var asked = await host.Http.PostAsync(new Uri("/api/v1/admin/account/session-start", UriKind.Relative), form);
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        Assert.Equal("1", asked.Headers.GetValues("X-Comet-TOTP-Requested").Single());
        Assert.Equal("""{"Status":449,"Message":"ERR_TOTP_REQUIRED"}""", await asked.Content.ReadAsStringAsync());
        var key = asked.Headers.GetValues("X-Halley-Session-Key").Single();
        KeyValuePair<string, string>[] bySession = [new("Username", "alice"), new("AuthType", "SessionKey"), new("SessionKey", key)];
        KeyValuePair<string, string>[] Completing(string code) =>
            [new("Username", "alice"), new("AuthType", "TOTP"), new("SessionKey", key), new("TOTP", code)];

        Assert.Equal(403, Status(await host.CallCometAsync("admin/account/properties", bySession)));
        Assert.Equal(403, Status(await host.CallCometAsync("admin/account/session-upgrade", Completing("000000"))));
        Assert.Equal(200, Status(await host.CallCometAsync("admin/account/session-upgrade", Completing(Code(secret, time)))));
        Assert.True((await host.CallCometAsync("admin/account/properties", bySession)).TryGetProperty("Security", out _));
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(403, Status(await host.CallCometAsync("admin/account/session-upgrade", Completing(Code(secret, time)))));
    }

    [Fact]
    public async Task Session_is_completed_by_a_password_with_its_code()
    {
        var time = new FakeTimeProvider(Start);
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Time = time });
        var secret = await TurnOnAsync(host, time);
        using var form = new FormUrlEncodedContent(Password());
        using var asked = await host.Http.PostAsync(new Uri("/api/v1/admin/account/session-start", UriKind.Relative), form);
        var key = asked.Headers.GetValues("X-Halley-Session-Key").Single();
        KeyValuePair<string, string>[] Completing(string session) =>
        [
            new("Username", "alice"), new("AuthType", "PasswordTOTP"), new("Password", ServerHost.Password),
            new("TOTP", Code(secret, time)), new("SessionKey", session),
        ];

        Assert.Equal(400, Status(await host.CallCometAsync("admin/account/session-upgrade", Completing(new string('0', 64)))));
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(200, Status(await host.CallCometAsync("admin/account/session-upgrade", Completing(key))));
        Assert.True((await host.CallCometAsync(
            "admin/account/properties", [new("Username", "alice"), new("AuthType", "SessionKey"), new("SessionKey", key)]))
            .TryGetProperty("Security", out _));
    }

    [Theory]
    [DatabaseData]
    public async Task Own_api_asks_for_the_code_and_takes_each_recovery_code_once(TestDatabase database)
    {
        var time = new FakeTimeProvider(Start);
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        var secret = await TurnOnAsync(host, time);
        var id = await IdAsync(host);
        var codes = (await host.Service<AdministratorCodes>().RenewRecoveryCodesAsync(id, default)).Codes;

        Assert.Equal((HttpStatusCode.Unauthorized, "totp_required"), await SignInAsync(host, null));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_credentials"), await SignInAsync(host, "not a code at all"));
        Assert.Equal((HttpStatusCode.Created, null), await SignInAsync(host, Code(secret, time)));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_credentials"), await SignInAsync(host, Code(secret, time)));
        Assert.Equal(10, codes.Distinct().Count());
        Assert.Equal((HttpStatusCode.Created, null), await SignInAsync(host, codes[3].ToLowerInvariant().Replace('-', ' ')));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_credentials"), await SignInAsync(host, codes[3]));
        Assert.Equal(9, await host.Service<AuthenticatorCodes<Administrator>>().CountRecoveryCodesAsync(id, default));
    }

    [Theory]
    [DatabaseData]
    public async Task One_code_sent_many_times_at_once_signs_in_once(TestDatabase database)
    {
        var time = new FakeTimeProvider(Start);
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        var secret = await TurnOnAsync(host, time);
        await SignInAsync(host, null);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SignInAsync(host, Code(secret, time))));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
    }

    [Theory]
    [DatabaseData]
    public async Task Refusals_are_alike_for_unknown_wrong_locked_and_two_factor_names(TestDatabase database)
    {
        var time = new FakeTimeProvider(Start);
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        await TurnOnAsync(host, time);
        var answers = new List<string>
        {
            await TextAsync(host, "nobody", "whatever else", null),
            await TextAsync(host, "nobody", "whatever else", "123456"),
        };
        answers.Add(await TextAsync(host, "alice", "wrong password", null));
        answers.Add(await TextAsync(host, "alice", "wrong password", "123456"));
        answers.Add(await TextAsync(host, "alice", ServerHost.Password, "123456"));
        for (var i = 0; i < LoginRules.DefaultThreshold; i++)
        {
            answers.Add(await TextAsync(host, "alice", ServerHost.Password, $"99999{i}"));
        }

        answers.Add(await TextAsync(host, "alice", ServerHost.Password, null));

        Assert.Single(answers.Distinct());
        Assert.StartsWith("401 ", answers[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secret_is_not_in_the_database_in_clear()
    {
        var time = new FakeTimeProvider(Start);
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Time = time });
        var secret = await TurnOnAsync(host, time);

        var stored = (await host.Service<AdministratorStore>().FindAsync(await IdAsync(host), default))!.TotpSecret!;

        Assert.DoesNotContain(secret, System.Text.Encoding.Latin1.GetString(stored), StringComparison.Ordinal);
    }

    [Theory]
    [DatabaseData]
    public async Task Less_security_needs_the_present_password_even_with_a_session(TestDatabase database)
    {
        var time = new FakeTimeProvider(Start);
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        var secret = await TurnOnAsync(host, time);
        var started = await host.CallCometAsync("admin/account/session-start", PasswordTotp(Code(secret, time)));
        KeyValuePair<string, string>[] bySession =
            [new("Username", "alice"), new("AuthType", "SessionKey"), new("SessionKey", started.GetProperty("SessionKey").GetString()!)];
        static string Less(string security) => security.Replace(
            "\"AllowPasswordAndTOTPLogin\":true", "\"AllowPasswordAndTOTPLogin\":false", StringComparison.Ordinal);
        static string NewPassword(string security) => Regex.Replace(
            security, "\"PasswordFormat\":1,\"Password\":\"[^\"]*\"", "\"PasswordFormat\":0,\"Password\":\"a quite new one\"");

        Assert.Equal(403, await SetPropertiesAsync(host, bySession, Less));
        Assert.Equal(403, await SetPropertiesAsync(host, bySession, NewPassword));
        Assert.Equal(200, await SetPropertiesAsync(host, bySession, security => security));
        Assert.Equal(200, await SetPropertiesAsync(host, [.. bySession, new("Password", ServerHost.Password)], NewPassword));
        Assert.Equal(200, await SetPropertiesAsync(host, [.. bySession, new("Password", "a quite new one")], Less));
        Assert.Equal(HttpStatusCode.Created, (await host.TrySignInAsync(password: "a quite new one")).StatusCode);
    }

    internal static async Task<string> TurnOnAsync(ServerHost host, FakeTimeProvider time)
    {
        var codes = host.Service<AdministratorCodes>();
        var id = await IdAsync(host);
        var secret = AuthenticatorApp.SecretIn((await codes.RenewTotpAsync(id, default)).TryGet(out var setUp, out _) ? setUp.Link : "");
        Assert.Null((await codes.TurnOnTotpAsync(id, Code(secret, time), default)).Refusal);
        time.Advance(TimeSpan.FromSeconds(30));
        return secret;
    }

    internal static string Code(string secret, TimeProvider time) => AuthenticatorApp.CodeAt(secret, time.GetUtcNow());

    private static async Task<Guid> IdAsync(ServerHost host) =>
        (await host.Service<AdministratorStore>().FindAsync(ServerHost.Username, default))!.Id;

    private static async Task<(HttpStatusCode Status, string? Code)> SignInAsync(ServerHost host, string? code)
    {
        using var answer =
            await host.Http.PostAsJsonAsync(Routes.Sessions, new StartSession(ServerHost.Username, ServerHost.Password, code));
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (answer.StatusCode, body.TryGetProperty("code", out var text) ? text.GetString() : null);
    }

    private static async Task<string> TextAsync(ServerHost host, string username, string password, string? code)
    {
        using var answer = await host.Http.PostAsJsonAsync(Routes.Sessions, new StartSession(username, password, code));
        return $"{(int)answer.StatusCode} {Regex.Replace(await answer.Content.ReadAsStringAsync(), "\"traceId\":\"[^\"]*\"", "")}";
    }

    // As SDKs do it: read, change one field, send all of it back.
    private static async Task<int> SetPropertiesAsync(
        ServerHost host, IEnumerable<KeyValuePair<string, string>> credentials, Func<string, string> edit)
    {
        var properties = await host.CallCometAsync("admin/account/properties", credentials);
        var security = edit(properties.GetProperty("Security").GetRawText());
        return Status(await host.CallCometAsync("admin/account/set-properties", [.. credentials, new("Security", security)]));
    }

    private static int Status(JsonElement answer) => answer.GetProperty("Status").GetInt32();

    private static KeyValuePair<string, string>[] Password() =>
        [new("Username", "alice"), new("AuthType", "Password"), new("Password", ServerHost.Password)];

    private static KeyValuePair<string, string>[] PasswordTotp(string code) =>
        [new("Username", "alice"), new("AuthType", "PasswordTOTP"), new("Password", ServerHost.Password), new("TOTP", code)];
}
