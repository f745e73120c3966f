using System.Data.Common;
using Halley.Server.Hosting;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace Halley.Server.Data;

/// <summary>
/// Failures of the database that are none of the program: its disk is full, it is away. They pass by themselves once an administrator has
/// mended the cause, so callers are told what it is and that they may try again.
/// </summary>
internal sealed class DatabaseFailures(TimeProvider time)
{
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(30);

    private static readonly ExplainedFailure Full = new(
        StatusCodes.Status507InsufficientStorage, "database_full",
        "The disk of the server's database is full, so nothing can be changed. An administrator has to free room on it; then try again.");

    private static readonly ExplainedFailure Away = new(
        StatusCodes.Status503ServiceUnavailable, "database_unavailable",
        "The server's database cannot be used at the moment; /readyz and the server's log say more. Try again later.");

    private static readonly ExplainedFailure Locked = new(
        StatusCodes.Status503ServiceUnavailable, Problems.Busy, "The server's database is busy. Try again in a few seconds.");

    private long? _failedAt;

    /// <summary>True if a request failed a moment ago because of the database.</summary>
    public bool HappenedLately => _failedAt is { } at && time.GetElapsedTime(at) < Lately;

    public ExplainedFailure? Explain(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is DbException problem && Of(problem) is { } explained)
            {
                _failedAt = explained == Locked ? _failedAt : time.GetTimestamp();
                return explained;
            }
        }

        return null;
    }

    private static ExplainedFailure? Of(DbException problem) => problem switch
    {
        SqliteException sqlite when SqliteFile.IsFull(sqlite) => Full,
        SqliteException sqlite => sqlite.SqliteErrorCode switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => Locked,
            raw.SQLITE_READONLY or raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB
                or raw.SQLITE_PERM => Away,
            _ => null,
        },
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => Full,
        // Insufficient resources, operator intervention, connection, system error, and a server that only reads.
        PostgresException postgres => postgres.SqlState[..2] is "53" or "57" or "08" or "58"
            || postgres.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction ? Away : null,
        // Not an answer of the database at all.
        NpgsqlException => Away,
        _ => null,
    };
}
