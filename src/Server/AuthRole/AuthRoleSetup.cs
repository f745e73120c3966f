using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.MissedBackups;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Reports;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.Hosting;
using Halley.Server.Jobs;
using Halley.Server.Organizations;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Halley.Server.AuthRole;

/// <summary>The Auth Role: accounts of backup users with their profiles, and everything that is kept about their devices and jobs.</summary>
internal static class AuthRoleSetup
{
    public static void AddAuthRole(this WebApplicationBuilder builder)
    {
        builder.AddAccounts();
    }

    private static void AddAccounts(this WebApplicationBuilder builder)
    {
        builder.AddOptionsOf<AccountOptions>("Accounts");
        var services = builder.Services;
        services.AddSingleton<ProfileDocument>();
        services.AddSingleton<ProfileStore>();
        services.AddSingleton<AccountAccess>();
        services.AddSingleton<AccountCodes>();
        services.AddSingleton<AccountFailures>();
        services.AddSingleton<AccountHashes>();
        services.AddSingleton<AccountSessions>();
        // Until somebody knows of organizations that are suspended, there are none.
        services.TryAddSingleton<IsOrganizationSuspended>((_, _) => ValueTask.FromResult(false));
        services.AddJob<ExpiredAccountSessionsJob>("expired-account-sessions", TimeSpan.FromMinutes(10), (job, token) => job.RunOnceAsync(token));
        builder.AddBackupJobs();
        builder.AddReports();
        services.AddJob<MissedBackupJob>("missed backups", TimeSpan.FromMinutes(30), (job, token) => job.RunOnceAsync(token));
    }

    public static void MapAuthRole(this IEndpointRouteBuilder endpoints) => endpoints.MapJobs();
}
