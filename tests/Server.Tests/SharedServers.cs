using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;

namespace Halley.Server.Tests;

/// <summary>
/// One server on each database for the tests of a class, started when first asked for. Tests of one class run one after the other, and
/// each has its own accounts, buckets or organizations. A test that moves the clock, changes settings or counts everything has its own
/// server.
/// </summary>
public sealed class SharedServers : IAsyncLifetime
{
    private readonly Dictionary<TestDatabase, ServerHost> _servers = [];

    public async Task<ServerHost> StartAsync(TestDatabase database = TestDatabase.Sqlite)
    {
        if (!_servers.TryGetValue(database, out var server))
        {
            server = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Kestrel = true });
            _servers[database] = server;
        }

        return server;
    }

    /// <summary>The server without the accounts that earlier tests left, so that each test can use the same names.</summary>
    public async Task<ServerHost> WithoutAccountsAsync(TestDatabase database = TestDatabase.Sqlite)
    {
        var server = await StartAsync(database);
        foreach (var user in (await server.AsAdministratorAsync("list-users")).EnumerateArray())
        {
            var deleted = await server.AsAdministratorAsync("delete-user", ("TargetUser", user.GetString()!));
            Assert.Equal(200, deleted.StatusOf());
        }

        return server;
    }

    /// <summary>
    /// The server without anything that earlier tests made, so that each test can use the same names; the settings and the events stay.
    /// </summary>
    public async Task<ServerHost> AsNewAsync(TestDatabase database = TestDatabase.Sqlite)
    {
        var server = await WithoutAccountsAsync(database);
        await DeleteAllAsync(server, "policies/list", "policies/delete", "PolicyID");
        await DeleteAllAsync(server, "user-groups/list", "user-groups/delete", "GroupID");
        await DeleteAllAsync(server, "news/get-all", "news/remove", "NewsItem");
        await DeleteAllAsync(server, "storage/list-buckets", "storage/delete-bucket", "BucketID");
        // With the administrators and the templates of each.
        await DeleteAllAsync(server, "organization/list", "organization/delete", "OrganizationID");
        foreach (var administrator in (await server.AsAdministratorAsync("admin-user/list")).EnumerateArray())
        {
            if (administrator.GetProperty("Username").GetString() is { } name && name != ServerHost.Username)
            {
                Assert.Equal(200, (await server.AsAdministratorAsync("admin-user/delete", ("TargetUser", name))).StatusOf());
            }
        }

        Assert.Equal(200, (await server.AsAdministratorAsync("meta/remote-storage-vault/set", ("RemoteStorageOptions", "[]"))).StatusOf());
        return server;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync();
        }
    }

    private static async Task DeleteAllAsync(ServerHost server, string list, string delete, string parameter)
    {
        foreach (var item in (await server.AsAdministratorAsync(list)).EnumerateObject())
        {
            Assert.Equal(200, (await server.AsAdministratorAsync(delete, (parameter, item.Name))).StatusOf());
        }
    }
}
