using System.Data.Common;
using Halley.Server.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Halley.Server.Data;

/// <summary>
/// Migrates the database to the program's version before the server listens. Only one server migrates at a time: with SQLite the lock on
/// the data directory ensures it, with PostgreSQL an advisory lock, so several instances can start together.
/// </summary>
internal sealed partial class DatabaseMigration(
    IDbContextFactory<ServerDbContext> databases, SqliteCopies copies, DataDirectory directory, TimeProvider time,
    ILogger<DatabaseMigration> logger)
{
    // Any number that nothing else in the database uses: "halley" as bytes.
    private const long AdvisoryLock = 0x68616c6c6579;

    /// <summary>How long another instance may migrate before this one gives up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly Lock FirstUse = new();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        lock (FirstUse)
        {
            // EF Core builds it when it is first used; of two first uses at the same moment, which the rest of the start makes, one fails.
            _ = database.Model.GetRelationalModel();
        }

        try
        {
            await CreateIfAbsentAsync(database, cancellationToken);
            await database.Database.OpenConnectionAsync(cancellationToken);
            if (database.Database.IsNpgsql())
            {
                await LockAsync(database, cancellationToken);
            }

            await MigrateAsync(database, cancellationToken);
            if (database.Database.IsNpgsql())
            {
                await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({AdvisoryLock})", cancellationToken);
            }
        }
        catch (Exception problem) when (CauseOf(problem) is { } cause)
        {
            throw Unusable(cause, problem);
        }
    }

    /// <summary>For commands beside a running server: changes nothing, and rejects a database of any other version.</summary>
    public async Task RequireCurrentAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        try
        {
            if (!await database.GetService<IRelationalDatabaseCreator>().ExistsAsync(cancellationToken)
                || (await PendingAsync(database, cancellationToken)).Count > 0)
            {
                throw new StartRefusedException(
                    ExitCodes.DatabaseRefused, "The database is not there yet or older than this program; start the server once.");
            }
        }
        catch (Exception problem) when (CauseOf(problem) is { } cause)
        {
            throw Unusable(cause, problem);
        }
    }

    private StartRefusedException Unusable(DbException cause, Exception problem) => new(
        ExitCodes.DatabaseRefused,
        cause is SqliteException sqlite
            ? SqliteFile.Explain(sqlite, directory.Database)
            : $"The database of Halley:Database:ConnectionString cannot be used: {cause.Message}",
        problem);

    // Npgsql's execution strategy wraps the connection's error in an InvalidOperationException.
    private static DbException? CauseOf(Exception problem) =>
        problem as DbException ?? (problem as InvalidOperationException)?.InnerException as DbException;

    private static async Task CreateIfAbsentAsync(ServerDbContext database, CancellationToken cancellationToken)
    {
        var creator = database.GetService<IRelationalDatabaseCreator>();
        if (await creator.ExistsAsync(cancellationToken))
        {
            return;
        }

        try
        {
            await creator.CreateAsync(cancellationToken);
        }
        catch (PostgresException race) when (race.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another starting instance created it first. If it cannot be opened, the next step fails.
            return;
        }
    }

    private async Task MigrateAsync(ServerDbContext database, CancellationToken cancellationToken)
    {
        var pending = await PendingAsync(database, cancellationToken);
        if (pending.Count > 0)
        {
            if (database.Database.IsSqlite())
            {
                await UnlockAsync(database, cancellationToken);
                if (copies.CopyBefore(pending[0]) is { } copy)
                {
                    LogCopied(copy);
                }
            }

            await database.Database.MigrateAsync(cancellationToken);
            LogMigrated(pending.Count, pending[^1]);
        }

        copies.Finished();
    }

    // The session holds the lock, so a server that dies during a migration releases it.
    private async Task LockAsync(ServerDbContext database, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var isLocked = database.Database.SqlQuery<bool>($"SELECT pg_try_advisory_lock({AdvisoryLock}) AS \"Value\"");
        if (await isLocked.SingleAsync(cancellationToken))
        {
            return;
        }

        LogWaiting();
        while (!await isLocked.SingleAsync(cancellationToken))
        {
            if (time.GetElapsedTime(began) > Patience)
            {
                throw new StartRefusedException(
                    ExitCodes.DatabaseRefused,
                    $"Another instance has been changing the database for {Patience.TotalMinutes:0} minutes. Look at its log, and start "
                    + "this one again when it is done.");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>
    /// Removes the lock that a server left in the database when it was killed during a migration; EF Core would wait for it forever. Only
    /// the holder of the data directory migrates, so the lock is nobody's.
    /// </summary>
    private async Task UnlockAsync(ServerDbContext database, CancellationToken cancellationToken)
    {
        const string Table = "__EFMigrationsLock";
        var tables = database.Database.SqlQuery<int>($"SELECT COUNT(*) AS Value FROM sqlite_master WHERE name = {Table}");
        if (await tables.SingleAsync(cancellationToken) > 0
            && await database.Database.ExecuteSqlRawAsync($"DELETE FROM {Table}", cancellationToken) > 0)
        {
            LogUnlocked();
        }
    }

    private static async Task<List<string>> PendingAsync(ServerDbContext database, CancellationToken cancellationToken)
    {
        var known = database.Database.GetMigrations().ToList();
        var applied = (await database.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList();
        if (applied.Except(known).LastOrDefault() is { } unknown)
        {
            throw new StartRefusedException(
                ExitCodes.DatabaseRefused,
                $"The database was used by a newer version of Halley (it holds the change {unknown}); "
                + "start that version, or restore a copy made before it.");
        }

        return known.Except(applied).ToList();
    }

    [LoggerMessage(
        LogEvents.DatabaseMigrated, LogLevel.Information, "Database brought up to date by {Count} change(s), the last one {Migration}")]
    private partial void LogMigrated(int count, string migration);

    [LoggerMessage(LogEvents.DatabaseWaitedFor, LogLevel.Information, "Another instance is changing the database; this one waits for it")]
    private partial void LogWaiting();

    [LoggerMessage(
        LogEvents.DatabaseUnlocked, LogLevel.Warning,
        "A server was killed while it changed the database; its lock is removed and the change is made again")]
    private partial void LogUnlocked();

    [LoggerMessage(LogEvents.DatabaseCopied, LogLevel.Information, "Database copied to {File} before it is changed")]
    private partial void LogCopied(string file);
}
