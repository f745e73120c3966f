using Halley.Server.Data;
using Halley.Server.Hosting;
using Halley.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Tests.Data;

public class MigrationTests
{
    private const string AddUnknownMigration =
        """INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ('29990101000000_FromTheFuture', '99.0.0')""";

    [Theory]
    [DatabaseData]
    public async Task Model_has_no_changes_without_a_migration(TestDatabase database)
    {
        await using ServerDbContext context = database == TestDatabase.Sqlite
            ? new SqliteDesignTimeFactory().CreateDbContext([])
            : new PostgresDesignTimeFactory().CreateDbContext([]);

        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Theory]
    [DatabaseData]
    public async Task Database_of_a_newer_version_is_refused_with_one_line(TestDatabase database)
    {
        using var directory = new TemporaryDirectory();
        var connectionString = database == TestDatabase.PostgreSql ? await PostgresCluster.CreateDatabaseAsync() : null;
        await using (await ServerHost.StartAsync(Options(directory, database, connectionString)))
        {
        }

        if (connectionString is null)
        {
            await ExecuteAsync(directory, AddUnknownMigration);
        }
        else
        {
            await PostgresCluster.ExecuteAsync(connectionString, AddUnknownMigration);
        }

        var arguments = new List<string> { $"--Halley:DataDirectory={directory.Path}", "--urls", "http://127.0.0.1:0" };
        if (connectionString is not null)
        {
            arguments.AddRange(["--Halley:Database:Provider=PostgreSql", $"--Halley:Database:ConnectionString={connectionString}"]);
        }

        var (exitCode, _, errors) = await ServerProgram.RunAsync(directory.Path, [.. arguments]);

        Assert.Equal(ExitCodes.DatabaseRefused, exitCode);
        Assert.Contains("newer version", errors, StringComparison.Ordinal);
        Assert.Contains("29990101000000_FromTheFuture", errors, StringComparison.Ordinal);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        if (connectionString is not null)
        {
            await PostgresCluster.DropDatabaseAsync(connectionString);
        }
    }

    [Fact]
    public async Task Existing_sqlite_database_is_copied_before_a_migration_and_five_copies_are_kept()
    {
        using var directory = new TemporaryDirectory();
        // A database from before the first migration: it holds something, and it lacks all migrations.
        await ExecuteAsync(
            directory, "PRAGMA journal_mode = WAL; CREATE TABLE Precious (Thing TEXT); INSERT INTO Precious VALUES ('kept')");
        var backups = Directory.CreateDirectory(Path.Combine(directory.Path, "backups")).FullName;
        for (var i = 1; i <= 6; i++)
        {
            File.WriteAllText(Path.Combine(backups, $"halley-2000010{i}-000000000-before-X.db"), "");
        }

        await using (await ServerHost.StartAsync(new ServerHostOptions { DataDirectory = directory.Path }))
        {
        }

        var copies = Directory.GetFiles(backups).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(5, copies.Count);
        await using var copy = new SqliteConnection($"Data Source={copies[^1]};Pooling=False");
        await copy.OpenAsync();
        await using var command = copy.CreateCommand();
        command.CommandText = "SELECT Thing FROM Precious";
        Assert.Equal("kept", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Kill_during_a_migration_leaves_one_copy_and_a_database_that_the_next_start_finishes()
    {
        using var directory = new TemporaryDirectory();
        await ExecuteAsync(directory, "CREATE TABLE Precious (Thing TEXT); INSERT INTO Precious VALUES ('kept')");
        var copies = new SqliteCopies(
            new DataDirectory(new HalleyOptions { DataDirectory = directory.Path }), TimeProvider.System);
        var first = copies.CopyBefore("A")!;
        for (var i = 0; i < 6; i++)
        {
            Assert.Null(copies.CopyBefore("A")); // killed while it migrated, and started again
        }

        File.Delete(Path.Combine(directory.Path, "backups", first));
        Assert.NotNull(copies.CopyBefore("A")); // killed while it copied
        await ExecuteAsync(
            directory,
            """
            CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER NOT NULL CONSTRAINT "PK" PRIMARY KEY, "Timestamp" TEXT NOT NULL);
            INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-11-28 00:00:00');
            """);

        await using (var host = await ServerHost.StartAsync(new ServerHostOptions { DataDirectory = directory.Path })
            .WaitAsync(TimeSpan.FromSeconds(60)))
        {
            Assert.True((await host.Http.GetAsync(new Uri("/readyz", UriKind.Relative))).IsSuccessStatusCode);
        }

        var copy = Assert.Single(Directory.GetFiles(Path.Combine(directory.Path, "backups")));
        Assert.EndsWith("-before-A.db", copy, StringComparison.Ordinal);
        Assert.Contains("its lock is removed", ServerHost.ReadLog(directory.Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_or_current_sqlite_database_is_not_copied()
    {
        using var directory = new TemporaryDirectory();
        for (var i = 0; i < 2; i++)
        {
            await using (await ServerHost.StartAsync(new ServerHostOptions { DataDirectory = directory.Path }))
            {
            }
        }

        Assert.False(Directory.Exists(Path.Combine(directory.Path, "backups")));
    }

    [Fact]
    public async Task Several_servers_that_start_together_migrate_one_postgres_database_once()
    {
        using var keys = new TemporaryDirectory(); // a server that comes later must read what an earlier one has stored
        var connectionString = await PostgresCluster.CreateDatabaseAsync();
        var hosts = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(() => ServerHost.StartAsync(new ServerHostOptions
        {
            Database = TestDatabase.PostgreSql,
            ConnectionString = connectionString,
            Settings = { ["Halley:Storage:Enabled"] = number == 0 ? "true" : "false", ["Halley:KeysDirectory"] = keys.Path },
        }))));

        foreach (var host in hosts)
        {
            Assert.True((await host.Http.GetAsync(new Uri("/readyz", UriKind.Relative))).IsSuccessStatusCode);
        }

        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }

        await PostgresCluster.DropDatabaseAsync(connectionString);
    }

    [Fact]
    public async Task Second_server_on_one_data_directory_is_refused()
    {
        using var directory = new TemporaryDirectory();
        await using var first = await ServerHost.StartAsync(new ServerHostOptions { DataDirectory = directory.Path });

        var (exitCode, _, errors) = await ServerProgram.RunAsync(
            directory.Path, [$"--Halley:DataDirectory={directory.Path}", "--urls", "http://127.0.0.1:0"]);

        Assert.Equal(ExitCodes.DataDirectoryInUse, exitCode);
        Assert.Contains("Another server is running", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sqlite_connections_survive_a_power_loss_wait_for_each_other_and_keep_references()
    {
        using var directory = new TemporaryDirectory();
        await using var host = await ServerHost.StartAsync(new ServerHostOptions { DataDirectory = directory.Path });
        await using var database = await host.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        await database.Database.OpenConnectionAsync();

        Assert.Equal("wal", await PragmaAsync(database, "journal_mode"));
        Assert.Equal(2L, await PragmaAsync(database, "synchronous"));
        Assert.Equal(30000L, await PragmaAsync(database, "busy_timeout"));
        Assert.Equal(1L, await PragmaAsync(database, "foreign_keys"));
    }

    [Theory]
    [InlineData("2030-01-01T00:00:00.1234567Z", 1234560)]
    [InlineData("2030-01-01T00:00:00.0000000Z", 0)]
    public void Times_are_cut_to_what_both_databases_can_keep(string text, long ticks)
    {
        var time = DateTime.Parse(
            text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AdjustToUniversal);

        Assert.Equal(ticks, UtcTimeConverter.ToStored(time).Ticks % TimeSpan.TicksPerSecond);
        Assert.Throws<ArgumentException>(() => UtcTimeConverter.ToStored(DateTime.SpecifyKind(time, DateTimeKind.Local)));
    }

    private static ServerHostOptions Options(TemporaryDirectory directory, TestDatabase database, string? connectionString) =>
        new() { DataDirectory = directory.Path, Database = database, ConnectionString = connectionString };

    private static async Task ExecuteAsync(TemporaryDirectory directory, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(directory.Path, "halley.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> PragmaAsync(ServerDbContext database, string name)
    {
        await using var command = database.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"PRAGMA {name}";
        return await command.ExecuteScalarAsync();
    }
}
