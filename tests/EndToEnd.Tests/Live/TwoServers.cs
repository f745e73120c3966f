using StackExchange.Redis;

namespace Halley.EndToEnd.Tests.Live;

/// <summary>Two servers as processes, on one PostgreSQL and one Redis. The first has the storage.</summary>
internal sealed class TwoServers : IAsyncDisposable
{
    private const string Prefix = "end-to-end";
    private readonly TemporaryDirectory _directory = new();
    private readonly RedisServer _redis;
    private readonly string _database;
    private readonly List<ServerProcess> _servers = [];

    private TwoServers(RedisServer redis, string database) => (_redis, _database) = (redis, database);

    public ServerProcess First => _servers[0];

    public ServerProcess Second => _servers[1];

    public static async Task<TwoServers> StartAsync()
    {
        var both = new TwoServers(await RedisServer.StartAsync(), await PostgresCluster.CreateDatabaseAsync());
        try
        {
            both._servers.Add(await ServerProcess.StartAsync(both.Settings("first", hasStorage: true)));
            using var admin = await AdminClient.SetUpAsync(both.First.Address, both.First.DataDirectory);
            both._servers.Add(await ServerProcess.StartAsync(both.Settings("second", hasStorage: false)));
            return both;
        }
        catch
        {
            await both.DisposeAsync();
            throw;
        }
    }

    /// <summary>How many devices are connected to each instance, as Redis has it, always in the same order.</summary>
    public async Task<IReadOnlyList<long>> DevicesOfEachAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        await foreach (var key in redis.GetServers()[0].KeysAsync(pattern: $"{Prefix}:presence:*"))
        {
            counts[key.ToString()] = await redis.GetDatabase().HashLengthAsync(key) - 1;
        }

        return [.. counts.Values];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        await _redis.DisposeAsync();
        await PostgresCluster.DropDatabaseAsync(_database);
        _directory.Dispose();
    }

    private ServerSettings Settings(string name, bool hasStorage) => new()
    {
        DataDirectory = _directory.Combine(name),
        Options = new Dictionary<string, string>
        {
            ["Halley:Database:Provider"] = "PostgreSql",
            ["Halley:Database:ConnectionString"] = _database,
            ["Halley:Instances:Redis"] = _redis.ConnectionString,
            ["Halley:Instances:Prefix"] = Prefix,
            ["Halley:KeysDirectory"] = _directory.Combine("keys"),
            ["Halley:Storage:Enabled"] = hasStorage ? "true" : "false",
            ["Halley:TrustedProxies:0"] = "127.0.0.1",
            ["Halley:Live:DrainSeconds"] = "1",
        },
    };
}
