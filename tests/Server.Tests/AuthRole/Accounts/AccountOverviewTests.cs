using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Halley.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Halley.Server.Tests.AuthRole.Accounts;

/// <summary>The list of accounts with the state of their backups.</summary>
public sealed class AccountOverviewTests(RoleServers servers) : IClassFixture<RoleServers>
{
    private const string Tenant = "overview";

    private static readonly Caller Administrator = Caller.Server with { OrganizationId = Tenant, Scope = TenantScope.Of(Tenant) };

    [Theory]
    [DatabaseData]
    public async Task State_is_that_of_the_worst_protected_item_and_filters_the_pages(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        await AddAsync(server, "a-fine", JobStatus.Success);
        await AddAsync(server, "b-partly-failed", JobStatus.Error, JobStatus.Success);
        await AddAsync(server, "c-warned", JobStatus.Success, JobStatus.Warning);
        var missed = await AddAsync(server, "d-missed", JobStatus.Success);
        await MissAsync(server, missed, "item-0");
        await AddAsync(server, "e-running", JobStatus.Running);
        await AddAsync(server, "f-suspended", JobStatus.Error);
        await server.Host.Service<AccountActions>().UpdateAsync(Administrator, "f-suspended", new(Suspended: true), default);
        await server.AddAccountAsync("another", username: "g-of-another");

        Assert.Equal(
            [
                ("a-fine", AccountHealth.Fine), ("b-partly-failed", AccountHealth.Failed), ("c-warned", AccountHealth.Warning),
                ("d-missed", AccountHealth.Warning), ("e-running", AccountHealth.NeverBackedUp), ("f-suspended", AccountHealth.Suspended),
            ],
            (await ListAsync(server, health: null)).Select(overview => (overview.Account.Username, overview.Health)));
        Assert.Equal(["b-partly-failed"], await NamesAsync(server, AccountHealth.Failed));
        Assert.Equal(["c-warned", "d-missed"], await NamesAsync(server, AccountHealth.Warning));
        Assert.Equal(["e-running"], await NamesAsync(server, AccountHealth.NeverBackedUp));
        Assert.True(await Of(server).CountAsync(Administrator, default) >= 6);

        var first = await Of(server).ListAsync(Administrator, new AccountFilter("ED"), null, after: null, count: 2, default);
        Assert.Equal(["b-partly-failed", "c-warned"], first.Items.Select(overview => overview.Account.Username));
        var second = await Of(server).ListAsync(Administrator, new AccountFilter("ED"), null, first.Next, count: 2, default);
        Assert.Equal(["d-missed", "f-suspended"], second.Items.Select(overview => overview.Account.Username));
        Assert.Null(second.Next);
    }

    [Theory]
    [DatabaseData]
    public async Task Last_backup_is_named_with_its_end_and_an_item_that_is_removed_is_forgotten(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var name = $"h-{database}";
        var owner = await AddAsync(server, name, JobStatus.Success, JobStatus.Success);
        await ReportAsync(server, owner, "item-1", JobStatus.Error, later: 1000);

        var failed = await FindAsync(server, name);
        Assert.Equal((AccountHealth.Failed, JobStatus.Error), (failed.Health, failed.LastStatus));
        Assert.Equal(TimeSpan.FromSeconds(1000), failed.LastBackupAt - failed.LastSuccessAt);

        await server.Host.Service<ProfileStore>().ChangeAsync(
            name, Administrator.Scope, "", profile => profile.Sources.Remove("item-1") ? null : AccountRefusals.NotFound, default);
        Assert.Equal(AccountHealth.Fine, (await FindAsync(server, name)).Health);
    }

    /// <summary>An account with a protected item for each status, whose last backup has it.</summary>
    private static async Task<JobOwner> AddAsync(RoleServer server, string name, params JobStatus[] statuses)
    {
        var profile = new UserProfileConfig();
        var owner = await server.AddAccountAsync(Tenant, profile, name);
        for (var item = 0; item < statuses.Length; item++)
        {
            profile.Sources[$"item-{item}"] = new SourceConfig();
            await ReportAsync(server, owner, $"item-{item}", statuses[item]);
        }

        var saved = await server.Host.Service<ProfileStore>().ChangeAsync(
            name,
            Administrator.Scope,
            "",
            stored =>
            {
                stored.Sources = profile.Sources;
                return null;
            },
            default);
        Assert.Null(saved.Refusal);
        return owner;
    }

    private static async Task ReportAsync(RoleServer server, JobOwner owner, string item, JobStatus status, long later = 0)
    {
        var job = RoleServer.Job(status);
        (job.SourceGUID, job.DeviceID) = (item, item);
        job.StartTime += later;
        job.EndTime += job.EndTime > 0 ? later : 0;
        await server.ReportAsync(owner, job);
    }

    // As the server records it: no device has reported it.
    private static async Task MissAsync(RoleServer server, JobOwner owner, string item)
    {
        await using var scope = server.Host.CreateScope();
        var database = scope.ServiceProvider.GetRequiredService<ServerDbContext>();
        var detail = RoleServer.Job(JobStatus.Missed);
        (detail.SourceGUID, detail.StartTime, detail.EndTime) = (item, detail.StartTime + 5000, detail.StartTime + 5000);
        var job = new BackupJob
        {
            Id = detail.GUID,
            AccountId = owner.AccountId,
            Username = owner.Username,
            OrganizationId = owner.OrganizationId,
            Document = "",
        };
        JobDocument.Write(job, detail);
        database.Add(job);
        await database.SaveChangesAsync();
    }

    private static AccountOverviewActions Of(RoleServer server) => server.Host.Service<AccountOverviewActions>();

    private static async Task<IReadOnlyList<AccountOverview>> ListAsync(RoleServer server, AccountHealth? health) =>
        (await Of(server).ListAsync(Administrator, new AccountFilter("-"), health, after: null, count: 100, default)).Items
        .Where(overview => !overview.Account.Username.StartsWith("h-", StringComparison.Ordinal)).ToList();

    private static async Task<IEnumerable<string>> NamesAsync(RoleServer server, AccountHealth health) =>
        (await ListAsync(server, health)).Select(overview => overview.Account.Username);

    private static async Task<AccountOverview> FindAsync(RoleServer server, string name)
    {
        var outcome = await Of(server).FindAsync(new AccountCaller(Administrator, name), default);
        Assert.True(outcome.TryGet(out var overview, out var refusal), refusal?.Reason);
        return overview;
    }
}
