using System.Net.Sockets;
using Npgsql;
using Testcontainers.PostgreSql;

namespace Halley.Testing;

/// <summary>
/// A real PostgreSQL, one per test process: the one named by TEST_POSTGRES, else a container if a Docker engine responds, else a private
/// cluster from the machine's own binaries. Without any of them the test fails; nothing is skipped.
/// </summary>
public static class PostgresCluster
{
    public const string Variable = "TEST_POSTGRES";
    private static readonly Lazy<Task<string>> Shared = new(StartAsync);
    private static readonly Lazy<Task<string>> Strategy = new(ChooseStrategyAsync);

    /// <summary>True when the tests do not own the cluster: their databases stay in it.</summary>
    public static bool OutlivesTests => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <summary>Makes a database, empty or as a copy of another one, and returns the connection string for it.</summary>
    public static async Task<string> CreateDatabaseAsync(string? copyOf = null)
    {
        var name = $"halley_{Guid.NewGuid():N}";
        await ExecuteAsync(await Shared.Value, $"CREATE DATABASE {name} TEMPLATE {copyOf ?? "template1"} {await Strategy.Value}");
        return new NpgsqlConnectionStringBuilder(await Shared.Value) { Database = name, MaxPoolSize = 20 }.ToString();
    }

    public static async Task DropDatabaseAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        NpgsqlConnection.ClearPool(connection);
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        await ExecuteAsync(await Shared.Value, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    }

    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string> StartAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            return given;
        }

        if (await IsDockerThereAsync())
        {
            var container = new PostgreSqlBuilder("postgres:17-alpine").Build();
            await container.StartAsync();
            return container.GetConnectionString();
        }

        return await LocalPostgres.StartAsync();
    }

    // By default, version 15 and later log every page of the copy. Copying the files takes half of that if nothing is flushed to the disk.
    private static async Task<string> ChooseStrategyAsync()
    {
        await using var source = NpgsqlDataSource.Create(await Shared.Value);
        await using var command = source.CreateCommand(
            "SELECT current_setting('fsync') = 'off' AND current_setting('server_version_num')::int >= 150000");
        return await command.ExecuteScalarAsync() is true ? "STRATEGY FILE_COPY" : "";
    }

    private static async Task<bool> IsDockerThereAsync()
    {
        const string Engine = "/var/run/docker.sock";
        if (!File.Exists(Engine))
        {
            return false;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Engine));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
