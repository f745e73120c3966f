using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.Groups;
using Halley.Server.AuthRole.MissedBackups;
using Halley.Server.AuthRole.News;
using Halley.Server.AuthRole.UserPolicies;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Quotas;
using Halley.Server.AuthRole.Reports;
using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.Jobs;
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
        services.AddSingleton<StatisticsSource, AccountCounting>();
        services.AddSingleton<StatisticsSource, DeviceCounting>();
        builder.AddPolicies();
        builder.AddUserGroups();
        builder.AddNews();
        builder.AddVaultRequests();
        builder.AddQuotas();
        builder.AddBackupJobs();
        builder.AddReports();
        builder.AddAccounts();
        services.AddJob<MissedBackupJob>("missed backups", TimeSpan.FromMinutes(30), (job, token) => job.RunOnceAsync(token));
    }

    public static void MapAuthRole(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapAccountsOfUsers();
        endpoints.MapPolicies();
        endpoints.MapUserGroups();
        endpoints.MapNews();
        endpoints.MapVaultRequests();
        endpoints.MapJobs();
    }
}
