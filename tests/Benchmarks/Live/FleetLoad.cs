using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Halley.Benchmarks.Accounts;
using Microsoft.Data.Sqlite;

namespace Halley.Benchmarks.Live;

/// <summary>Sessions of many devices straight in the database, because ten thousand sign-ins would measure bcrypt.</summary>
internal static class FleetLoad
{
    private const int Accounts = 100;

    /// <summary>Makes accounts and, spread over them, a session for each device; returns their keys.</summary>
    public static async Task<string[]> AddAsync(CometClient client, string database, int devices, DateTimeOffset now)
    {
        await AccountLoad.AddAccountsAsync(client, Accounts);
        var keys = Enumerable.Range(0, devices).Select(_ => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))).ToArray();
        await using var connection = new SqliteConnection($"Data Source={database};Default Timeout=120");
        await connection.OpenAsync();
        var accounts = await ReadAccountsAsync(connection);
        await using var transaction = await connection.BeginTransactionAsync();
        await using var insert = connection.CreateCommand();
        const string columns = "Id, OwnerId, KeyHash, StartedAt, LastUsedAt, ExpiresAt, EndsAt, DeviceId, StartedBy, Address, UserAgent";
        insert.CommandText =
            $"""
            INSERT INTO AccountSessions ({columns})
            VALUES ($id, $account, $hash, $now, $now, $end, $end, $device, '', '', '')
            """;
        for (var device = 0; device < devices; device++)
        {
            insert.Parameters.Clear();
            insert.Parameters.AddWithValue("$id", Guid.NewGuid());
            insert.Parameters.AddWithValue("$account", accounts[device % accounts.Count]);
            insert.Parameters.AddWithValue("$hash", SHA256.HashData(Encoding.UTF8.GetBytes(keys[device])));
            insert.Parameters.AddWithValue("$now", now.UtcDateTime);
            insert.Parameters.AddWithValue("$end", now.AddHours(40).UtcDateTime);
            insert.Parameters.AddWithValue("$device", string.Create(CultureInfo.InvariantCulture, $"device-{device:D6}"));
            await insert.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
        return keys;
    }

    private static async Task<List<string>> ReadAccountsAsync(SqliteConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT Id FROM Accounts";
        await using var reader = await command.ExecuteReaderAsync();
        var ids = new List<string>();
        while (await reader.ReadAsync())
        {
            ids.Add(reader.GetString(0));
        }

        return ids;
    }
}
