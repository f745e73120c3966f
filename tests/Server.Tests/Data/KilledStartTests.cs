using Halley.Testing;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Halley.Server.Tests.Data;

/// <summary>A server that is killed (SIGKILL) while it starts or migrates its database starts the next time without help.</summary>
public sealed class KilledStartTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly TemporaryDirectory _data = new();
    private readonly int _port = FreePort.Take();

    private Uri Address => new($"http://127.0.0.1:{_port}");

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Server_on_sqlite_killed_at_any_step_starts_again_and_keeps_one_copy_from_before()
    {
        // A database from before the first migration: it is copied, and then changed.
        await ExecuteAsync("PRAGMA journal_mode = WAL; CREATE TABLE Precious (Thing TEXT); INSERT INTO Precious VALUES ('kept')");

        foreach (var step in new[] { "unfinished-migration", "halley-*-before-*.db", "halley.db-wal", "volume-1", "setup-token" })
        {
            await KillAtAsync(step, Appears(step), null);
        }

        await StartsAsync(null);
        var copy = Assert.Single(Directory.GetFiles(_data["backups"]));
        Assert.Equal("kept", await ReadAsync(copy));
        Assert.Equal("kept", await ReadAsync(_data["halley.db"]));
    }

    [Fact]
    public async Task Server_on_postgres_killed_at_any_step_starts_again()
    {
        var connection = await PostgresCluster.CreateDatabaseAsync();
        await KillAtAsync("it has the lock", () => CountAsync(connection, "locktype = 'advisory'", least: 1), connection);
        await KillAtAsync("it makes tables", () => CountAsync(connection, "mode = 'AccessExclusiveLock'", least: 10), connection);
        await KillAtAsync("setup-token", Appears("setup-token"), connection);

        await StartsAsync(connection);
        await PostgresCluster.DropDatabaseAsync(connection);
    }

    /// <summary>Starts the server and kills it when it gets to a step, or is ready because the step was done before.</summary>
    private async Task KillAtAsync(string step, Func<Task<bool>> isThere, string? connection)
    {
        await using var server = Start(connection);
        using var http = new HttpClient { BaseAddress = Address };
        await server.WaitUntilAsync(step, Limit, async () => await isThere() || await IsReadyAsync(http));
        await server.KillAsync();
    }

    private async Task StartsAsync(string? connection)
    {
        await using var server = Start(connection);
        using var http = new HttpClient { BaseAddress = Address };
        await server.WaitUntilAsync("the server is ready", Limit, () => IsReadyAsync(http));
        Assert.Equal(0, await server.StopAsync());
    }

    private OwnedProcess Start(string? connection)
    {
        var environment = new Dictionary<string, string?> { ["Halley__DataDirectory"] = _data.Path };
        if (connection is not null)
        {
            environment["Halley__Database__Provider"] = "PostgreSql";
            environment["Halley__Database__ConnectionString"] = connection;
        }

        return OwnedProcess.Start(
            Tools.Require("dotnet", "dotnet-sdk-10.0"), [Checkout.ServerAssembly, "--urls", Address.OriginalString], environment);
    }

    /// <summary>Whether a file is made or written from now on.</summary>
    private Func<Task<bool>> Appears(string name)
    {
        var before = Find();
        return () => Task.FromResult(Find() is { } now && now != before);

        (DateTime, long)? Find() => Directory.EnumerateFileSystemEntries(_data.Path, name, SearchOption.AllDirectories)
            .Select(path => new FileInfo(path)).Select(file => ((DateTime, long)?)(file.LastWriteTimeUtc, file.Exists ? file.Length : 0))
            .FirstOrDefault();
    }

    private static async Task<bool> CountAsync(string connectionString, string condition, int least)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the conditions are constants of this test
        command.CommandText =
            $"SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database WHERE datname = current_database() AND {condition}";
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync())! >= least;
    }

    private static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={_data["halley.db"]};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ReadAsync(string file)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT Thing FROM Precious";
        return await command.ExecuteScalarAsync();
    }
}
