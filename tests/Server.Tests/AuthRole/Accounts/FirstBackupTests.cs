using Halley.Protocol;
using Halley.Protocol.Administrators;
using Halley.Protocol.Policies;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.AuthRole.UserPolicies;
using Halley.Server.AuthRole.VaultRequests;
using Halley.Testing;

namespace Halley.Server.Tests.AuthRole.Accounts;

/// <summary>What an administrator does for the first backup of a new user.</summary>
public sealed class FirstBackupTests(RoleServers servers) : IClassFixture<RoleServers>
{
    [Fact]
    public async Task Storage_of_this_server_is_offered_once_by_those_who_may()
    {
        var templates = (await servers.StartAsync(TestDatabase.Sqlite)).Host.Service<VaultTemplateActions>();
        var restricted = Caller.Server with
        {
            Permissions = AdministratorPermissions.Parse(
                AdministratorPermissions.ToJson(new AdminUserPermissions { PreventEditServerSettings = true })),
        };

        Assert.Equal(RefusalKind.Forbidden, (await templates.OfferThisServerAsync(restricted, default)).Refusal?.Kind);
        Assert.Empty(templates.List(Caller.Server, organizationId: ""));
        Assert.True((await templates.OfferThisServerAsync(Caller.Server, default)).TryGet(out var first, out _));
        Assert.True((await templates.OfferThisServerAsync(Caller.Server, default)).TryGet(out var second, out _));
        Assert.Equal(first, second);
        Assert.True(Assert.Single(templates.List(Caller.Server, organizationId: "")).IsThisServer);
    }

    [Fact]
    public async Task New_account_follows_the_policy_that_is_named_when_the_administrator_may_use_it()
    {
        var host = (await servers.StartAsync(TestDatabase.Sqlite)).Host;
        var made = await host.Service<PolicyActions>().CreateAsync(
            Caller.Server, "strict", new GroupPolicy { Description = "Strict" }, default);
        Assert.Null(made.Refusal);
        var restricted = Caller.Server with
        {
            Permissions = AdministratorPermissions.Parse(
                AdministratorPermissions.ToJson(new AdminUserPermissions { AllowedUserPolicies = ["another"] })),
        };
        var accounts = host.Service<AccountActions>();
        var request = new CreateAccount("follower", LKey: new string('a', 48), PolicyId: "strict");

        Assert.Contains("certain policies", (await accounts.CreateAsync(restricted, request, default)).Refusal?.Reason,
            StringComparison.Ordinal);
        Assert.NotNull((await accounts.CreateAsync(Caller.Server, request with { PolicyId = "none" }, default)).Refusal);
        Assert.True((await accounts.CreateAsync(Caller.Server, request, default)).TryGet(out var stored, out _));
        Assert.Equal("strict", stored.Account.PolicyId);
    }

    [Fact]
    public async Task Daily_backup_names_what_the_account_has_and_is_not_due_before_it_was_made()
    {
        var server = await servers.StartAsync(TestDatabase.Sqlite);
        var owner = await server.AddAccountAsync(profile: new UserProfileConfig
        {
            AllowPasswordLogin = true,
            Devices = { ["pc"] = new DeviceConfig { DeviceTimezone = "Etc/UTC" } },
            Destinations = { ["vault"] = new DestinationConfig() },
        });
        var items = server.Host.Service<ProtectedItemActions>();
        Task<Refusal?> AddAsync(string device, string vault, params string[] paths) => items.AddDailyAsync(
            new AccountCaller(Caller.Server, owner.Username), new DailyFiles(device, vault, paths, new TimeOnly(20, 30)), default);

        Assert.Contains("no such device", (await AddAsync("another", "vault", "/home"))?.Reason, StringComparison.Ordinal);
        Assert.Contains("no such vault", (await AddAsync("pc", "another", "/home"))?.Reason, StringComparison.Ordinal);
        Assert.Contains("'home'", (await AddAsync("pc", "vault", "/etc", "home"))?.Reason, StringComparison.Ordinal);
        Assert.NotNull(await AddAsync("pc", "vault"));
        Assert.NotNull(await AddAsync("pc", "vault", ""));
        Assert.Null(await AddAsync("pc", "vault", "/home", @"C:\Users", @"\\nas\share"));

        var profile = (await server.Host.Service<ProfileStore>().FindAsync(owner.Username, TenantScope.Everything, default))!.Profile;
        var (id, item) = Assert.Single(profile.Sources);
        Assert.Equal(("engine1/file", "pc"), (item.Engine, item.OwnerDevice));
        Assert.Equal(
            [("INCLUDE-0001", "/home"), ("INCLUDE-0002", @"C:\Users"), ("INCLUDE-0003", @"\\nas\share")],
            item.EngineProps.OrderBy(property => property.Key).Select(property => (property.Key, property.Value)));
        var rule = Assert.Single(profile.BackupRules).Value;
        Assert.Equal((id, "vault"), (rule.Source, rule.Destination));
        Assert.True(rule.CreateTime > 0);
        var due = ScheduleCalendar.Next(Assert.Single(rule.Schedules), TimeZoneInfo.Utc, rule.CreateTime)!.Value;
        Assert.Equal(new TimeSpan(20, 30, 0), DateTimeOffset.FromUnixTimeSeconds(due).TimeOfDay);
    }
}
