using System.Globalization;
using Halley.Server.Hosting;
using Microsoft.Data.Sqlite;

namespace Halley.Server.Data;

/// <summary>Copies of the SQLite file, made before a migration changes it; the newest five are kept.</summary>
internal sealed class SqliteCopies(DataDirectory directory, TimeProvider time)
{
    private const int Kept = 5;

    /// <summary>Copies the database as it is and returns the file's name. Returns null if there is no database with tables yet.</summary>
    public string? CopyBefore(string migration)
    {
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
        var path = Path.Combine(directory.Backups, name);
        using (var target = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString()))
        {
            // The online backup includes the write-ahead log, which a copy of the file alone would miss.
            target.Open();
            source.BackupDatabase(target);
        }

        DropOldest();
        return name;
    }

    private void DropOldest()
    {
        var old = Directory.GetFiles(directory.Backups, "halley-*-before-*.db").OrderDescending(StringComparer.Ordinal).Skip(Kept);
        foreach (var path in old)
        {
            File.Delete(path);
        }
    }
}
