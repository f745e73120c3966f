using System.Text.Json;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Halley.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Halley.Server.Tests.AuthRole;

/// <summary>
/// One server on each database for the tests of a class, started when first asked for; each test has accounts of its own.
/// </summary>
public sealed class RoleServers : IAsyncLifetime
{
    private readonly Dictionary<TestDatabase, RoleServer> _servers = [];

    public async Task<RoleServer> StartAsync(TestDatabase database)
    {
        if (!_servers.TryGetValue(database, out var server))
        {
            _servers[database] = server = new RoleServer(
                await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Kestrel = true }));
            await server.KeepOldJobsAsync();
        }

        return server;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await server.Host.DisposeAsync();
        }
    }
}

/// <summary>A server with accounts that were put there directly, for tests about what comes after signing up.</summary>
public sealed class RoleServer(ServerHost host)
{
    public ServerHost Host => host;

    internal JobReportActions Reports => host.Service<JobReportActions>();

    internal JobScope Everything { get; } = new(TenantScope.Everything);

    /// <summary>The jobs of tests are old, so that what counts from now does not matter to them.</summary>
    public async Task KeepOldJobsAsync() => await host.Service<Settings.ServerSettings>().ChangeAsync(
        options => options.AuthenticationRole.PruneLogsAfterDays = 0,
        CancellationToken.None);

    internal async Task<JobOwner> AddAccountAsync(string organizationId = "", UserProfileConfig? profile = null, string? username = null)
    {
        await using var scope = host.CreateScope();
        var database = scope.ServiceProvider.GetRequiredService<ServerDbContext>();
        var account = new Account
        {
            Id = Guid.NewGuid(),
            Username = username ?? $"user-{Guid.NewGuid():N}",
            OrganizationId = organizationId,
            CreatedAt = DateTime.UnixEpoch,
            CreationId = Guid.NewGuid(),
            PasswordHash = "",
            Profile = [],
            ProfileHash = "",
        };
        host.Service<ProfileDocument>().Write(account, profile ?? new UserProfileConfig(), DateTime.UnixEpoch);
        database.Add(account);
        await database.SaveChangesAsync();
        return new JobOwner(account.Id, account.Username, organizationId);
    }

    internal async Task<BackupJobDetail> ReportAsync(JobOwner owner, BackupJobDetail detail)
    {
        var outcome = await Reports.ReportAsync(owner, detail, CancellationToken.None);
        Assert.True(outcome.TryGet(out var job, out var refusal), refusal?.Reason);
        return JobDocument.Read(job.Document);
    }

    internal async Task<BackupJobDetail> FindAsync(string jobId) =>
        JobDocument.Read((await host.Service<JobStore>().FindAsync(Everything, jobId, CancellationToken.None))!.Document);

    /// <summary>A call of the vendor's API by the administrator.</summary>
    public Task<JsonElement> CallAsync(string path, params (string Name, string Value)[] fields) => host.CallCometAsync(
        $"admin/{path}",
        fields.Select(field => KeyValuePair.Create(field.Name, field.Value))
            .Concat([new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", ServerHost.Password)]));

    internal async Task<List<T>> QueryAsync<T>(Func<ServerDbContext, IQueryable<T>> query)
    {
        await using var scope = host.CreateScope();
        return await query(scope.ServiceProvider.GetRequiredService<ServerDbContext>()).ToListAsync();
    }

    public static BackupJobDetail Job(JobStatus status = JobStatus.Running, JobClassification classification = JobClassification.Backup) =>
        new()
        {
            GUID = Guid.NewGuid().ToString(),
            Classification = classification,
            Status = status,
            StartTime = 1_760_000_000,
            EndTime = status.IsRunning() ? 0 : 1_760_000_600,
            DeviceID = "device",
            SourceGUID = "source",
            DestinationGUID = "vault",
            ClientVersion = "1.0.0",
        };
}
