using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.MissedBackups;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Reports;
using Halley.Server.Jobs;

namespace Halley.Server.AuthRole;

/// <summary>The Auth Role: accounts of backup users with their profiles, and everything that is kept about their devices and jobs.</summary>
internal static class AuthRoleSetup
{
    public static void AddAuthRole(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<ProfileDocument>();
        services.AddSingleton<ProfileStore>();
        builder.AddAccounts();
        builder.AddBackupJobs();
        builder.AddReports();
        services.AddJob<MissedBackupJob>("missed backups", TimeSpan.FromMinutes(30), (job, token) => job.RunOnceAsync(token));
    }

    public static void MapAuthRole(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapAccountsOfUsers();
        endpoints.MapJobs();
    }
}
