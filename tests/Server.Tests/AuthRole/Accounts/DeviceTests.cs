using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.Devices;
using Halley.Server.CometApi.Wire;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Settings;
using Halley.Testing;
using Microsoft.EntityFrameworkCore;
using static Halley.Server.Tests.AuthRole.Accounts.AccountCalls;

namespace Halley.Server.Tests.AuthRole.Accounts;

public class DeviceTests
{
    private static readonly OSInfo Linux = new() { Os = "linux", Distribution = "Debian", Arch = "amd64" };

    [Theory]
    [DatabaseData]
    public async Task Device_is_registered_at_sign_in_renamed_and_revoked_with_its_sessions(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        await host.AddUserByLKeyAsync();
        var request = new StartSession(User, LKey: LKeyOf(), Device: new RegisterDevice("d1", "laptop", Linux, "1.0", "Europe/Berlin"));
        using var device = await host.SignInUserAsync(request);
        using var other = await host.SignInUserAsync(new StartSession(User, LKey: LKeyOf()));

        var registered = Assert.Single((await other.GetFromJsonAsync<Page<DeviceInfo>>(Routes.UserDevices))!.Items);
        Assert.Equal(("d1", "laptop", "Debian", "1.0"),
            (registered.Id, registered.Name, registered.Platform.Distribution, registered.ClientVersion));
        Assert.NotNull(registered.LastSeenAt);
        using var renamed = await other.PatchAsJsonAsync($"{Routes.UserDevices}/d1", new RenameDevice("kitchen"));
        Assert.Equal(HttpStatusCode.NoContent, renamed.StatusCode);
        using var again = await host.SignInUserAsync(request);
        var config = (await host.ReadProfileAsync()).Profile.Devices["d1"];
        Assert.Equal(("kitchen", "Europe/Berlin"), (config.FriendlyName, config.DeviceTimezone));

        Assert.Equal(200, (await host.AsAdministratorAsync("revoke-device", ("TargetUser", User), ("TargetDevice", "d1"))).StatusOf());
        Assert.Equal(400, (await host.AsAdministratorAsync("revoke-device", ("TargetUser", User), ("TargetDevice", "d1"))).StatusOf());
        Assert.Equal(HttpStatusCode.Unauthorized, (await device.GetAsync(new Uri(Routes.User, UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync(new Uri(Routes.User, UriKind.Relative))).StatusCode);
        await using var context = await host.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        Assert.Empty(await context.Set<Device>().ToListAsync());
        var told = await context.Set<EventRecord>().SingleAsync(record => record.Type == StreamableEventType.DeviceNew);
        Assert.Equal("d1", told.ResourceId);
        var data = JsonDocument.Parse(told.Data!).RootElement;
        Assert.Equal("laptop", data.GetProperty("FriendlyName").GetString());
        Assert.Equal("Debian", data.GetProperty("PlatformVersion").GetProperty("distribution").GetString());
        Assert.Equal(1, await context.Set<EventRecord>().CountAsync(record => record.Type == StreamableEventType.DeviceRemoved));
    }

    [Fact]
    public async Task Known_device_passes_the_lock_of_its_name_and_is_locked_by_its_own_failures_only()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        await host.AddUserByLKeyAsync();
        async Task<HttpStatusCode> TryAsync(string lKey, string? device)
        {
            var known = device is null ? null : new RegisterDevice(device, device, Linux, "1.0", "UTC");
            using var answer = await host.Http.PostAsJsonAsync(Routes.Sessions, new StartSession(User, LKey: lKey, Device: known));
            return answer.StatusCode;
        }

        async Task FailAsync(string? device)
        {
            for (var i = 0; i < LoginRules.DefaultThreshold; i++)
            {
                Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(new string((char)('a' + i), 48), device));
            }
        }

        Assert.Equal(HttpStatusCode.Created, await TryAsync(LKeyOf(), "d1"));
        Assert.Equal(HttpStatusCode.Created, await TryAsync(LKeyOf(), "d2"));
        await FailAsync(device: null);

        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(LKeyOf(), device: null));
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(LKeyOf(), "unknown"));
        Assert.Equal(HttpStatusCode.Created, await TryAsync(LKeyOf(), "d1"));
        await FailAsync("d1");
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(LKeyOf(), "d1"));
        Assert.Equal(HttpStatusCode.Created, await TryAsync(LKeyOf(), "d2"));
    }

    [Fact]
    public async Task Account_has_no_more_devices_than_it_may_have()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        await host.AddUserByLKeyAsync();
        using var admin = await host.SignInAsync();
        using var limited = await admin.PatchAsJsonAsync($"{Routes.Accounts}/{User}", new UpdateAccount(MaximumDevices: 2));
        Assert.Equal(HttpStatusCode.OK, limited.StatusCode);
        using var user = await host.SignInUserAsync(new StartSession(User, LKey: LKeyOf()));

        var answers =
            await Task.WhenAll(Enumerable.Range(0, 4).Select(i => user.PostAsJsonAsync(Routes.UserDevices, new RegisterDevice($"d{i}"))));

        Assert.Equal(2, answers.Count(answer => answer.StatusCode == HttpStatusCode.NoContent));
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.NoContent))
        {
            Assert.Equal("too_many_devices", await refused.CodeOfAsync());
        }

        Assert.Equal(2, (await user.GetFromJsonAsync<Page<DeviceInfo>>(Routes.UserDevices))!.Items.Count);
    }

    [Theory]
    [DatabaseData]
    public async Task Install_token_signs_one_device_in_once_within_three_days(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        await host.AddUserByLKeyAsync();
        (string, string)[] fields = [("TargetUser", User), ("TargetPassword", Password), ("Server", "https://backup.example/")];
        Assert.Equal(403,
            (await host.AsAdministratorAsync("create-install-token", ("TargetUser", User), ("TargetPassword", "wrong one"))).StatusOf());
        var made = (await host.AsAdministratorAsync("create-install-token", fields)).GetProperty("InstallToken");
        Assert.Equal(72 * 3600, made.GetProperty("ExpireTime").GetInt64() - made.GetProperty("CreateTime").GetInt64());
        var token = made.GetProperty("Token").GetString()!;

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i =>
            host.Http.PostAsJsonAsync(
                Routes.InstallTokenSessions, new RedeemInstallToken(User, token, new RegisterDevice($"d{i}", "installed")))));

        var started = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal("account", (await started.Content.ReadFromJsonAsync<SessionStarted>())!.Kind);
        Assert.Single((await host.ReadProfileAsync()).Profile.Devices);
        await using var context = await host.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        Assert.DoesNotContain(token, Convert.ToHexStringLower(
            (await context.Set<Halley.Server.AuthRole.Tokens.StoredInstallToken>().SingleAsync()).Hash), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Suspending_ends_sessions_and_they_stay_ended()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        await host.AddUserByLKeyAsync();
        using var admin = await host.SignInAsync();
        using var user = await host.SignInUserAsync(new StartSession(User, LKey: LKeyOf()));
        Assert.Equal(HttpStatusCode.Forbidden, (await user.GetAsync(new Uri(Routes.Accounts, UriKind.Relative))).StatusCode);
        foreach (var suspended in new[] { true, false })
        {
            using var changed = await admin.PatchAsJsonAsync($"{Routes.Accounts}/{User}", new UpdateAccount(Suspended: suspended));
            Assert.Equal(suspended, (await changed.Content.ReadFromJsonAsync<AccountInfo>())!.Suspended);
            Assert.Equal(HttpStatusCode.Unauthorized, (await user.GetAsync(new Uri(Routes.User, UriKind.Relative))).StatusCode);
        }

        Assert.True((await host.ReadProfileAsync()).Profile.LastSuspended > 0);
        using var later = await host.SignInUserAsync(new StartSession(User, LKey: LKeyOf()));
        var session = Assert.Single((await admin.GetFromJsonAsync<Page<SessionInfo>>($"{Routes.Accounts}/{User}/sessions"))!.Items);
        using var ended = await admin.DeleteAsync(new Uri($"{Routes.Accounts}/{User}/sessions/{session.Id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await later.GetAsync(new Uri(Routes.User, UriKind.Relative))).StatusCode);
    }
}
