using System.Globalization;
using Halley.Server.Hosting;
using Halley.Storage.Disk;
using Microsoft.Data.Sqlite;

namespace Halley.Server.Data;

/// <summary>
/// Copies of the SQLite file, made before a migration changes it; the newest five are kept. The copy before a migration that was not
/// finished is neither made twice nor dropped: what the database holds since then is not known to be good.
/// </summary>
internal sealed class SqliteCopies(DataDirectory directory, TimeProvider time)
{
    private const int Kept = 5;
    private const string Copying = "copying ";
    private const string Copied = "copied ";

    /// <summary>Has the name of the copy, from before it is made until the migration is finished.</summary>
    private string Note => Path.Combine(directory.Backups, "unfinished-migration");

    /// <summary>
    /// Copies the database as it is and returns the file's name. Returns null if there is no database with tables yet, or if there is a
    /// copy already.
    /// </summary>
    public string? CopyBefore(string migration)
    {
        var (isComplete, unfinished) = ReadNote();
        if (isComplete && File.Exists(unfinished))
        {
            return null;
        }

        if (unfinished is not null)
        {
            File.Delete(unfinished);
        }

        using var source =
            new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = directory.Database, Pooling = false }.ToString());
        source.Open();
        using var count = source.CreateCommand();
        count.CommandText = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'";
        if (count.ExecuteScalar() is 0L)
        {
            return null;
        }

        DataDirectory.Make(directory.Backups);
        var stamp = time.GetUtcNow().ToString("yyyyMMdd-HHmmssfff", CultureInfo.InvariantCulture);
        var name = $"halley-{stamp}-before-{migration}.db";
        PrivateFile.Write(Note, Copying + name);
        var path = Path.Combine(directory.Backups, name);
        using (var target = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString()))
        {
            // The online backup includes the write-ahead log, which a copy of the file alone would miss.
            target.Open();
            source.BackupDatabase(target);
        }

        PrivateFile.Write(Note, Copied + name);
        DropOldest();
        return name;
    }

    /// <summary>Reports that the database is up to date.</summary>
    public void Finished()
    {
        if (File.Exists(Note))
        {
            File.Delete(Note);
            DropOldest();
        }
    }

    private (bool IsComplete, string? Path) ReadNote()
    {
        var note = File.Exists(Note) ? File.ReadAllText(Note) : "";
        var start = note.StartsWith(Copied, StringComparison.Ordinal) ? Copied.Length
            : note.StartsWith(Copying, StringComparison.Ordinal) ? Copying.Length : 0;
        return (note.StartsWith(Copied, StringComparison.Ordinal),
            start == 0 ? null : Path.Combine(directory.Backups, Path.GetFileName(note[start..])));
    }

    private void DropOldest()
    {
        var (_, unfinished) = ReadNote();
        var old = Directory.GetFiles(directory.Backups, "halley-*-before-*.db").Where(path => path != unfinished)
            .OrderDescending(StringComparer.Ordinal).Skip(unfinished is null ? Kept : Kept - 1);
        foreach (var path in old)
        {
            File.Delete(path);
        }
    }
}
