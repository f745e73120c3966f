using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.ClientPackages;
using Halley.Server.AuthRole.Groups;
using Halley.Server.AuthRole.MissedBackups;
using Halley.Server.AuthRole.News;
using Halley.Server.AuthRole.Quotas;
using Halley.Server.AuthRole.Reports;
using Halley.Server.AuthRole.UserPolicies;
using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.Periodic;

namespace Halley.Server.AuthRole;

/// <summary>
/// The Auth Role: accounts of backup users with their profiles, and everything that is kept about their devices and jobs.
/// </summary>
internal static class AuthRoleSetup
{
    public static void AddAuthRole(this WebApplicationBuilder builder)
    {
        builder.AddAccounts();
        builder.AddPolicies();
        builder.AddUserGroups();
        builder.AddNews();
        builder.AddQuotas();
        builder.AddVaultRequests();
        builder.AddBackupJobs();
        builder.AddClientPackages();
        builder.AddReports();
        builder.Services.AddPeriodicWork<MissedBackupsWork>(
            "missed-backups", RunsAt.OneInstance, TimeSpan.FromMinutes(30), (job, token) => job.RunOnceAsync(token));
    }

    public static void MapAuthRole(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapAccountsOfUsers();
        endpoints.MapPolicies();
        endpoints.MapUserGroups();
        endpoints.MapNews();
        endpoints.MapVaultRequests();
        endpoints.MapJobs();
        endpoints.MapOwnJobs();
        endpoints.MapClientPackages();
    }
}
