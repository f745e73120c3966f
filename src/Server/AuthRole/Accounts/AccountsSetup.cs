using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.AuthRole.Tokens;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Halley.Server.Periodic;
using Halley.Server.Settings.Statistics;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Accounts;

internal static class AccountsSetup
{
    public static void MapAccountsOfUsers(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapSignIn();
        endpoints.MapUser();
        endpoints.MapAccounts();
        endpoints.MapAccountParts();
    }

    public static void AddAccounts(this WebApplicationBuilder builder)
    {
        builder.AddOptionsOf<AccountOptions>("Accounts");
        var services = builder.Services;
        services.AddSingleton<AccountAccess>();
        services.AddSingleton<AccountActions>();
        services.AddSingleton<AccountCodeActions>();
        services.AddSingleton<AccountOverviewActions>();
        services.AddSingleton<AuthenticatorCodes<Account>>();
        services.AddSingleton<SignInLock<Account>>();
        services.AddSingleton<AccountHashes>();
        services.AddSingleton<AccountPasswordActions>();
        services.AddSingleton<AccountSessionActions>();
        services.AddSingleton<DeviceProofs>();
        services.AddSingleton<AccountSessionKind>();
        services.AddSingleton<ISessionKind>(provider => provider.GetRequiredService<AccountSessionKind>());
        services.AddSingleton<DeviceActions>();
        services.AddSingleton<IsKnownDevice>(provider => provider.GetRequiredService<DeviceActions>().IsRegisteredAsync);
        services.AddSingleton<KnownDevices>();
        services.AddSingleton<InstallTokenActions>();
        services.AddSingleton<KeptRKeys>();
        services.AddSingleton<ProfileActions>();
        services.AddSingleton<ProfileDocument>();
        services.AddSingleton<EventObject, ProfileOfEvent>();
        services.AddSingleton<ProfilePart, DeviceRows>();
        services.AddSingleton<ProfileStore>();
        services.AddSingleton<ProtectedItemActions>();
        services.AddAuthorizationBuilder()
            .AddPolicy(Policies.Account,
                policy => policy.RequireAssertion(request => AccountIdentity.From(request.User) is { MustChangePassword: false }))
            .AddPolicy(Policies.AccountAlways,
                policy => policy.RequireAssertion(request => AccountIdentity.From(request.User) is not null));
        services.AddSingleton<OrganizationPart, AccountsOfOrganization>();
        services.AddSingleton<StatisticsSource, AccountCount>();
        services.AddSingleton<StatisticsSource, DeviceCount>();
        services.AddPeriodicWork<AccountSessions>(
            "expired-account-sessions", RunsAt.OneInstance, TimeSpan.FromMinutes(10),
            (sessions, token) => sessions.RemoveExpiredAsync(token));
        services.AddPeriodicWork<InstallTokenActions>(
            "old-install-tokens", RunsAt.OneInstance, TimeSpan.FromHours(12), (tokens, token) => tokens.RemoveOldAsync(token));
    }

    /// <summary>The users of a deleted organization are deleted with it.</summary>
    private sealed class AccountsOfOrganization : OrganizationPart
    {
        public override async Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken)
        {
            var accounts = database.Set<Account>().Where(account => account.OrganizationId == removal.OrganizationId);
            foreach (var username in await accounts.Select(account => account.Username).ToListAsync(cancellationToken))
            {
                database.Add(
                    EventRecord.Of(StreamableEventType.AccountRemoved, removal.At, removal.Actor, removal.OrganizationId, username));
            }

            await accounts.ExecuteDeleteAsync(cancellationToken);
        }
    }

    private sealed class AccountCount : StatisticsSource
    {
        public override Task<Dictionary<string, long>> CountAsync(ServerDbContext database, CancellationToken cancellationToken) =>
            database.Set<Account>().GroupBy(row => row.OrganizationId).Select(group => new { group.Key, Count = group.LongCount() })
                .ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);

        public override void Put(StatisticsSample sample, long count) => sample.Users = count;
    }

    private sealed class DeviceCount : StatisticsSource
    {
        public override Task<Dictionary<string, long>> CountAsync(ServerDbContext database, CancellationToken cancellationToken) =>
            database.Set<Device>()
                .Join(database.Set<Account>(), device => device.AccountId, account => account.Id,
                    (device, account) => account.OrganizationId)
                .GroupBy(organization => organization).Select(group => new { group.Key, Count = group.LongCount() })
                .ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);

        public override void Put(StatisticsSample sample, long count) => sample.Devices = count;
    }
}
