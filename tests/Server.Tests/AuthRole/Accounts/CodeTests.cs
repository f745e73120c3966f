using System.Net;
using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Server.Credentials;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;
using static Halley.Server.Tests.AuthRole.Accounts.AccountCalls;

namespace Halley.Server.Tests.AuthRole.Accounts;

public class CodeTests
{
    [Theory]
    [DatabaseData]
    public async Task App_is_enrolled_asked_for_and_each_code_counts_once(TestDatabase database)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        await host.AddUserByLKeyAsync();
        using var user = await host.SignInUserAsync(new StartSession(User, LKey: LKeyOf()));
        var app = (await (await user.PostAsync(new Uri(Routes.UserTotp, UriKind.Relative), null))
            .Content.ReadFromJsonAsync<AuthenticatorAppCreated>())!;
        Assert.StartsWith("data:image/png;base64,", app.Image, StringComparison.Ordinal);
        var secret = Decode(app.Secret);
        string Code() => Totp.CodeAt(secret, Totp.StepAt(time.GetUtcNow()));
        Assert.Equal(200, (await host.AsUserAsync("session/start", ByLKey(LKeyOf()))).StatusOf());
        using var wrong = await user.PostAsJsonAsync(Routes.UserTotpProof, new ConfirmWithCode("000000"));
        Assert.Equal("code_wrong", await wrong.CodeOfAsync());
        using var proof = await user.PostAsJsonAsync(Routes.UserTotpProof, new ConfirmWithCode(Code()));
        var recovery = (await proof.Content.ReadFromJsonAsync<RecoveryCodesCreated>())!.Codes;
        Assert.Equal(10, recovery.Distinct().Count());

        var missing = await host.AsUserAsync("session/start", ByLKey(LKeyOf()));
        Assert.Equal("""{"Status":449,"Message":"ERR_TOTP_REQUIRED"}""", missing.ToString());
        using var refused = await host.Http.PostAsJsonAsync(Routes.Sessions, new StartSession(User, LKey: LKeyOf()));
        Assert.Equal("totp_required", await refused.CodeOfAsync());
        time.Advance(TimeSpan.FromSeconds(60));
        (string, string)[] both = [("AuthType", "LKeyTOTP"), ("LKey", LKeyOf()), ("TOTP", Code())];
        Assert.Equal(200, (await host.AsUserAsync("session/start", both)).StatusOf());
        Assert.Equal(403, (await host.AsUserAsync("session/start", both)).StatusOf());
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(200,
            (await host.AsUserAsync("session/start", [("AuthType", "PasswordTOTP"), ("Password", Password), ("TOTP", Code())])).StatusOf());
        (string, string)[] lost = [("AuthType", "TOTP"), ("LKey", LKeyOf()), ("TOTP", recovery[3].ToLowerInvariant())];
        Assert.Equal(200, (await host.AsUserAsync("session/start", lost)).StatusOf());
        Assert.Equal(403, (await host.AsUserAsync("session/start", lost)).StatusOf());

        Assert.Equal(200, (await host.AsAdministratorAsync("disable-user-totp", ("TargetUser", User))).StatusOf());
        Assert.Equal(200, (await host.AsUserAsync("session/start", ByLKey(LKeyOf()))).StatusOf());
    }

    [Fact]
    public async Task User_removes_his_app_only_with_a_code()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Time = time });
        await host.AddUserByLKeyAsync();
        using var user = await host.SignInUserAsync(new StartSession(User, LKey: LKeyOf()));
        var app = (await (await user.PostAsync(new Uri(Routes.UserTotp, UriKind.Relative), null))
            .Content.ReadFromJsonAsync<AuthenticatorAppCreated>())!;
        var code = Totp.CodeAt(Decode(app.Secret), Totp.StepAt(time.GetUtcNow()));
        using var proof = await user.PostAsJsonAsync(Routes.UserTotpProof, new ConfirmWithCode(code));
        var recovery = (await proof.Content.ReadFromJsonAsync<RecoveryCodesCreated>())!.Codes;

        using var renewed = await user.PostAsync(new Uri(Routes.UserTotp, UriKind.Relative), null);
        Assert.Equal("totp_is_on", await renewed.CodeOfAsync());
        using var refused = await user.PostAsJsonAsync(Routes.UserTotpRemoval, new ConfirmWithCode(code));
        Assert.Equal("code_wrong", await refused.CodeOfAsync());
        using var removed = await user.PostAsJsonAsync(Routes.UserTotpRemoval, new ConfirmWithCode(recovery[0]));
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal(200, (await host.AsUserAsync("session/start", ByLKey(LKeyOf()))).StatusOf());
    }

    private static byte[] Decode(string base32)
    {
        var bits = string.Concat(base32.Select(
            letter => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }
}
