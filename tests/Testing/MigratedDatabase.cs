using Halley.Server.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Halley.Testing;

/// <summary>
/// An empty database with all of the server's migrations, created once per process and copied for every host with a database of its own.
/// Hosts with a given directory or database migrate it themselves, as the tests of migrations need.
/// </summary>
internal static class MigratedDatabase
{
    private static readonly Lazy<Task<byte[]>> Sqlite = new(MakeSqliteAsync);
    private static readonly Lazy<Task<string>> Postgres = new(MakePostgresAsync);

    public static async Task CopyToAsync(string file) => await File.WriteAllBytesAsync(file, await Sqlite.Value);

    /// <summary>Makes a copy and returns the connection string for it.</summary>
    public static async Task<string> CopyOnPostgresAsync() => await PostgresCluster.CreateDatabaseAsync(await Postgres.Value);

    private static async Task<byte[]> MakeSqliteAsync()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Combine("halley.db");
        await MigrateAsync<SqliteServerDbContext>(
            options => options.UseSqlite(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString()),
            options => new SqliteServerDbContext(options));
        // The last connection has written everything from the log into the file and removed the log.
        return await File.ReadAllBytesAsync(file);
    }

    private static async Task<string> MakePostgresAsync()
    {
        // PostgreSQL copies a database only while it has no connections.
        var connection = new NpgsqlConnectionStringBuilder(await PostgresCluster.CreateDatabaseAsync()) { Pooling = false };
        await MigrateAsync<PostgresServerDbContext>(
            options => options.UseNpgsql(connection.ToString()), options => new PostgresServerDbContext(options));
        if (PostgresCluster.OutlivesTests)
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) =>
                PostgresCluster.DropDatabaseAsync(connection.ToString()).GetAwaiter().GetResult();
        }

        return connection.Database!;
    }

    private static async Task MigrateAsync<TContext>(
        Action<DbContextOptionsBuilder<TContext>> configure, Func<DbContextOptions<TContext>, TContext> create)
        where TContext : ServerDbContext
    {
        var options = new DbContextOptionsBuilder<TContext>();
        configure(options);
        options.ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));
        await using var context = create(options.Options);
        await context.Database.MigrateAsync();
    }
}
