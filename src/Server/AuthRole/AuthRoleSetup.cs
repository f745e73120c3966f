using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Groups;
using Halley.Server.AuthRole.News;
using Halley.Server.AuthRole.Policies;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Quotas;
using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.Organizations;
using Halley.Server.Settings.Statistics;

namespace Halley.Server.AuthRole;

/// <summary>The Auth Role: accounts of backup users with their profiles, and everything that is kept about their devices and jobs.</summary>
internal static class AuthRoleSetup
{
    public static void AddAuthRole(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<ProfileDocument>();
        services.AddSingleton<ProfileStore>();
        services.AddSingleton<OrganizationPart, AccountsOfOrganization>();
        builder.AddPolicies();
        builder.AddUserGroups();
        builder.AddNews();
        builder.AddVaultRequests();
        services.AddSingleton<SharedQuotas>();
        services.AddSingleton<OrganizationPart, QuotasOfOrganization>();
        services.AddSingleton<StatisticsSource, AccountCounting>();
    }

    public static void MapAuthRole(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPolicies();
        endpoints.MapUserGroups();
        endpoints.MapNews();
        endpoints.MapVaultRequests();
    }
}
