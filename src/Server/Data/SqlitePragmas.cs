using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Halley.Server.Data;

/// <summary>
/// What SQLite keeps per connection. FULL: an acknowledged change survives a power loss, also with a write-ahead log. busy_timeout makes
/// SQLite itself wait for another writer; without it the driver polls every 150 ms.
/// </summary>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    private const string PerConnection = "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 30000; PRAGMA foreign_keys = ON;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Apply((SqliteConnection)connection);

    // The calls never wait for anything, so there is nothing to gain from their asynchronous forms.
    public override Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Apply((SqliteConnection)connection);
        return Task.CompletedTask;
    }

    private static void Apply(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = PerConnection;
        command.ExecuteNonQuery();
    }
}
