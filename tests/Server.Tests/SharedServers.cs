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

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync();
        }
    }
}
