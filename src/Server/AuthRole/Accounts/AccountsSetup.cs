using Halley.Server.Access;
using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.AuthRole.Tokens;
using Halley.Server.Credentials;
using Halley.Server.Hosting;
using Halley.Server.Periodic;
using Halley.Server.Organizations;
using Halley.Server.Settings.Statistics;

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
        services.AddSingleton<AccountCodes>();
        services.AddSingleton<AccountDirectory>();
        services.AddSingleton<AccountFailures>();
        services.AddSingleton<AccountHashes>();
        services.AddSingleton<AccountPasswords>();
        services.AddSingleton<AccountRecovery>();
        services.AddSingleton<AccountRegistration>();
        services.AddSingleton<AccountSessions>();
        services.AddSingleton<AccountSessionKind>();
        services.AddSingleton<ISessionKind>(provider => provider.GetRequiredService<AccountSessionKind>());
        services.AddSingleton<DeviceRegistration>();
        services.AddSingleton<FullProfiles>();
        services.AddSingleton<InstallTokens>();
        services.AddSingleton<ProfileDocument>();
        services.AddSingleton<ProfileHistory>();
        services.AddSingleton<ProfileSaving>();
        services.AddSingleton<ProfileStore>();
        services.AddSingleton<ProtectedItems>();
        services.AddSingleton<UserCodes>();
        services.AddAuthorizationBuilder()
            .AddPolicy(Policies.Account, policy => policy.RequireAssertion(request => AccountIdentity.From(request.User) is { MustChangePassword: false }))
            .AddPolicy(Policies.AccountAlways, policy => policy.RequireAssertion(request => AccountIdentity.From(request.User) is not null));
        services.AddSingleton<OrganizationPart, AccountsOfOrganization>();
        services.AddSingleton<StatisticsSource, AccountCounting>();
        services.AddSingleton<StatisticsSource, DeviceCounting>();
        services.AddPeriodicWork<ExpiredAccountSessionsWork>("expired-account-sessions", RunsAt.OneInstance, TimeSpan.FromMinutes(10), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<InstallTokens>("old-install-tokens", RunsAt.OneInstance, TimeSpan.FromHours(12), (tokens, token) => tokens.RemoveOldAsync(token));
    }
}
