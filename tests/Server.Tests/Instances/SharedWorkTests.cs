using System.Net;
using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Server.Hosting;
using Halley.Server.Instances;
using Halley.Server.Organizations;
using Halley.Server.Periodic;
using Halley.Server.Tests.AuthRole;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Server.Tests.Live;
using Halley.Testing;

namespace Halley.Server.Tests.Instances;

/// <summary>What several instances share, and what only one of them does.</summary>
public class SharedWorkTests
{
    [Fact]
    public async Task What_one_changes_is_in_force_at_the_others_without_a_look_at_the_clock()
    {
        // Nobody moves it: whoever looks every few seconds never does.
        await using var both = await TwoInstances.StartAsync(LiveHost.NewClock());
        using var limit = new CancellationTokenSource(TwoInstances.Soon);
        using var stream = await both.Second.Admin.GetAsync(
            new Uri(Routes.EventStream, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var told = new StreamReader(await stream.Content.ReadAsStreamAsync(limit.Token));

        await both.First.Server.Service<Settings.ServerSettings>().ChangeAsync(
            options => options.AuthenticationRole.PruneLogsAfterDays = 77,
            default);
        using var made = await both.First.Admin.PostAsJsonAsync(Routes.Organizations, new CreateOrganization("Tenant"), limit.Token);
        var id = (await made.Content.ReadFromJsonAsync<OrganizationInfo>(limit.Token))!.Id;

        await TwoInstances.IsAsync("the settings are those", () =>
            Task.FromResult(both.Second.Server.Service<Settings.ServerSettings>().Current.AuthenticationRole.PruneLogsAfterDays == 77));
        await TwoInstances.IsAsync(
            "the tenant is known", () => Task.FromResult(both.Second.Server.Service<OrganizationCache>().Exists(id)));
        while (await told.ReadLineAsync(limit.Token) is { } line && !line.Contains(id, StringComparison.Ordinal))
        {
        }
    }

    [Fact]
    public async Task Periodic_work_is_done_by_one_and_goes_over_to_another_one()
    {
        var clock = LiveHost.NewClock();
        await using var both = await TwoInstances.StartAsync(clock);
        var (first, second) = (both.First.Server.Service<WorkLease>(), both.Second.Server.Service<WorkLease>());
        Assert.Equal((true, false), (first.IsHeld, second.IsHeld));

        // As if it had been silent: the lease is free by the clock of the database.
        await PostgresCluster.ExecuteAsync(
            both.First.Server.ConnectionString!,
            $"""UPDATE "Leases" SET "Holder" = '{both.Second.Server.Service<InstanceId>().Value}' WHERE "Name" = 'periodic-work'""");
        await both.First.PassesAsync(TimeSpan.FromSeconds(1), "the other one holds it", () => second.IsHeld && !first.IsHeld);
        await both.StopSecondAsync();
        await both.First.PassesAsync(TimeSpan.FromSeconds(1), "the first one has it again", () => first.IsHeld);
        Assert.All(both.First.Server.Service<IEnumerable<PeriodicLoop>>(), job => Assert.False(job.IsLate));
    }

    [Fact]
    public async Task Instance_without_storage_says_where_to_ask()
    {
        await using var both = await TwoInstances.StartAsync();
        foreach (var path in new[] { Routes.Volumes, Routes.Buckets, Routes.Tasks, Routes.ScrubFindings, Routes.BandwidthLimits,
            $"{Routes.Vault}/some-bucket/config" })
        {
            using var elsewhere = await both.Second.Admin.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal((path, HttpStatusCode.ServiceUnavailable, "storage_elsewhere"),
                (path, elsewhere.StatusCode, await elsewhere.CodeOfAsync()));
            using var here = await both.First.Admin.GetAsync(new Uri(path, UriKind.Relative));
            Assert.NotEqual(HttpStatusCode.ServiceUnavailable, here.StatusCode);
        }

        Assert.Equal(503, (await both.Second.Server.AsAdministratorAsync("storage/list-buckets")).StatusOf());
        Assert.False(Directory.Exists(Path.Combine(both.Second.Server.DataDirectory, "volume-1")));
        using var ready = await both.Second.Server.Http.GetAsync(new Uri("/readyz", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public async Task Second_storage_on_one_database_is_refused()
    {
        using var directory = new TemporaryDirectory();
        await using var host = await ServerHost.StartAsync(TestDatabase.PostgreSql);
        var (exitCode, _, errors) = await ServerProgram.RunAsync(
            directory.Path,
            [
                $"--Halley:DataDirectory={directory.Path}/data", $"--Halley:KeysDirectory={host.DataDirectory}/keys",
                "--Halley:Database:Provider=PostgreSql",
                $"--Halley:Database:ConnectionString={host.ConnectionString}", "--urls", "http://127.0.0.1:0",
            ]);

        Assert.Equal(ExitCodes.StorageElsewhere, exitCode);
        Assert.Contains("Halley:Storage:Enabled", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(directory.Path, "data", "volume-1")));
    }

    [Fact]
    public async Task Storage_of_an_instance_that_was_killed_is_taken()
    {
        // The first does not renew, since its clock stands.
        await using var killed =
            await ServerHost.StartAsync(new ServerHostOptions { Database = TestDatabase.PostgreSql, Time = LiveHost.NewClock() });
        await PostgresCluster.ExecuteAsync(killed.ConnectionString!, """UPDATE "Leases" SET "Until" = now() - interval '1 second'""");
        await using var next = await ServerHost.StartAsync(
            new ServerHostOptions
            {
                Database = TestDatabase.PostgreSql,
                ConnectionString = killed.ConnectionString,
                Settings = { ["Halley:KeysDirectory"] = Path.Combine(killed.DataDirectory, "keys") },
            });
        using var ready = await next.Http.GetAsync(new Uri("/readyz", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public async Task Server_without_the_keys_of_its_database_is_refused()
    {
        using var directory = new TemporaryDirectory();
        await using (var host = await ServerHost.StartAsync(new ServerHostOptions { DataDirectory = directory.Path }))
        {
            await host.Service<Settings.ServerSettings>().ChangeAsync(_ => { }, default);
        }

        var (exitCode, _, errors) = await ServerProgram.RunAsync(
            directory.Path, [$"--Halley:DataDirectory={directory.Path}", $"--Halley:KeysDirectory={directory.Path}/other-keys", "--urls",
                "http://127.0.0.1:0"]);
        Assert.Equal(ExitCodes.WrongSettings, exitCode);
        Assert.Contains("Halley:KeysDirectory", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_instances_cannot_share_sqlite()
    {
        using var directory = new TemporaryDirectory();
        var (exitCode, _, errors) = await ServerProgram.RunAsync(
            directory.Path,
            [$"--Halley:DataDirectory={directory.Path}/data", "--Halley:Instances:Redis=127.0.0.1:1,password=secret-of-redis"]);

        Assert.Equal(ExitCodes.WrongSettings, exitCode);
        Assert.Contains("Halley:Database:Provider", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-redis", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(directory.Path, "data", "halley.db")));
    }
}
