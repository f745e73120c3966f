using Halley.Server.Hosting;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Halley.Server.Data;

/// <summary>
/// What an operator can have done to the database file: restored as another user, or moved to a full or read-only disk. SQLite opens a file
/// that it may not write, and fails only later, so this is looked at when the server starts.
/// </summary>
internal static class SqliteFile
{
    private static readonly string[] Companions = ["", "-wal", "-shm"];

    /// <summary>Refuses a file that the server cannot write. Must run before SQLite opens it, whose locks it would release.</summary>
    public static void EnsureWritable(DataDirectory directory)
    {
        foreach (var path in Companions.Select(end => directory.Database + end).Where(Path.Exists))
        {
            try
            {
                using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                throw new StartRefusedException(
                    ExitCodes.DatabaseRefused,
                    $"The database {path} cannot be written ({problem.Message.TrimEnd('.')}); make it a file of the server's user "
                    + $"({Environment.UserName}), for example with chown.",
                    problem);
            }
        }
    }

    /// <summary>
    /// True when the disk is full. SQLite reports that as an input/output error while it opens the first connection and makes the file of
    /// memory that all connections share.
    /// </summary>
    public static bool IsFull(SqliteException problem) =>
        problem.SqliteErrorCode == raw.SQLITE_FULL || problem.SqliteExtendedErrorCode == raw.SQLITE_IOERR_SHMSIZE;

    /// <summary>What to do about an error of SQLite.</summary>
    public static string Explain(SqliteException problem, string path) =>
        $"The database {path} cannot be used: {Reason(problem)}";

    private static string Reason(SqliteException problem) => problem.SqliteErrorCode switch
    {
        _ when IsFull(problem) => "its disk is full; free some room.",
        raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_CANTOPEN =>
            $"the server's user ({Environment.UserName}) may not write it or its directory; correct owner and mode.",
        raw.SQLITE_NOTADB => "it is not a database; restore a copy.",
        raw.SQLITE_CORRUPT => "it is damaged; restore a copy.",
        raw.SQLITE_IOERR => "its disk reports an error; see the log of the system.",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another program has locked it; close that program.",
        _ => problem.Message,
    };
}
