using System.Net;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.Credentials;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Administrators;

public class LoginProtectionTests
{
    [Theory]
    [DatabaseData]
    public async Task Threshold_and_cool_down_are_those_of_the_live_settings(TestDatabase database)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        await SetAsync(host, protection => (protection.FailureThreshold, protection.CooldownSeconds) = (2, 60));
        await host.TrySignInAsync(password: "wrong 1");
        await host.TrySignInAsync(password: "wrong 2");

        Assert.Equal(HttpStatusCode.Unauthorized, (await host.TrySignInAsync()).StatusCode);
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(HttpStatusCode.Created, (await host.TrySignInAsync()).StatusCode);
        await SetAsync(host, protection => protection.Enabled = false);
        for (var i = 0; i < 4; i++)
        {
            await host.TrySignInAsync(password: $"wrong again {i}");
        }

        Assert.Equal(HttpStatusCode.Created, (await host.TrySignInAsync()).StatusCode);
    }

    [Fact]
    public async Task Address_that_tries_many_names_is_not_listened_to_but_who_was_right_lately_is()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Time = time, Kestrel = true });
        await SetAsync(host, protection => protection.FailureThreshold = 1);
        using var alice = await host.SignInAsync();
        for (var i = 0; i < 10; i++)
        {
            await host.TrySignInAsync($"somebody {i}", "a guess");
        }

        Assert.Equal(HttpStatusCode.Created, (await host.TrySignInAsync()).StatusCode);
        time.Advance(TimeSpan.FromMinutes(1));
        await host.Service<AdministratorStore>().ChangeAsync(
            (await host.Service<AdministratorSessions>().UseAsync(
                alice.DefaultRequestHeaders.Authorization!.Parameter!, IPAddress.Loopback, default))!.Id,
            null, row => row.PasswordHash = host.Service<CredentialHasher>().Hash("another one"), default);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.TrySignInAsync(password: "another one")).StatusCode);
        time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(HttpStatusCode.Created, (await host.TrySignInAsync(password: "another one")).StatusCode);
    }

    [Fact]
    public async Task Sessions_end_as_soon_as_the_live_settings_say()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Time = time });
        await host.Service<Settings.ServerSettings>().ChangeAsync(
            settings => settings.SessionSettings.ExpiredInSeconds = 120,
            default);

        var session = await host.StartSessionAsync();

        Assert.Equal(time.GetUtcNow().UtcDateTime.AddSeconds(120), session.ExpiresAt);
    }

    private static Task<Refusal?> SetAsync(ServerHost host, Action<LoginProtectionOptions> edit) =>
        host.Service<Settings.ServerSettings>().ChangeAsync(
        settings => edit(settings.LoginProtection),
        default);
}
