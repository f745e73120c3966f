using System.Globalization;
using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Microsoft.Data.Sqlite;

namespace Halley.Benchmarks.Accounts;

/// <summary>
/// Fills a server: accounts through its API, jobs straight into the database, because a million reports would take an hour.
/// </summary>
internal static class AccountLoad
{
    /// <summary>The L-key of every account that is made here; their hashes are the same.</summary>
    public const string LKey = "00112233445566778899aabbccddeeff0011223344556677";

    private const int Days = 90;

    public static string NameOf(int account) => string.Create(CultureInfo.InvariantCulture, $"user{account:D6}");

    public static async Task AddAccountsAsync(CometClient client, int count)
    {
        var hash = BCrypt.Net.BCrypt.EnhancedHashPassword(LKey, BCrypt.Net.HashType.SHA512, workFactor: 10);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var answer =
                await client.CallAsync("admin/add-user-from-profile", ("TargetUser", NameOf(i)), ("ProfileData", Profile(i, hash)));
            if (answer.GetProperty("Status").GetInt32() != 200)
            {
                throw new InvalidOperationException($"{NameOf(i)}: {answer}");
            }
        });
    }

    /// <summary>Spreads jobs evenly over the accounts and the last 90 days.</summary>
    public static void AddJobs(string database, int count, DateTimeOffset now)
    {
        using var connection = new SqliteConnection($"Data Source={database};Default Timeout=120");
        connection.Open();
        Execute(connection,
            "CREATE TEMP TABLE Numbered AS SELECT row_number() OVER (ORDER BY Username) - 1 AS Number, Id, Username FROM Accounts");
        Execute(connection, "CREATE UNIQUE INDEX temp.ByNumber ON Numbered (Number)");
        const string columns = "Id, AccountId, Username, OrganizationId, DeviceId, SourceId, DestinationId, Classification, Status";
        const string values = "Id, AccountId, Username, '', 'device', 'source', 'vault', 4001, Status";
        const string owner = """'"GUID":"' || Id || '"'), '"Username":""', '"Username":"' || Username || '"'""";
        const string times = """'"StartTime":0,"EndTime":0', '"StartTime":' || StartTime || ',"EndTime":' || (StartTime + 300)""";
        using var insert = connection.CreateCommand();
        insert.CommandText =
            $$"""
            WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < $count),
            jobs AS (
                SELECT i, lower(printf('%08x-0000-4000-8000-%012x', i, i)) AS Id, a.Id AS AccountId, a.Username AS Username,
                       CASE i % 20 WHEN 0 THEN 7002 WHEN 1 THEN 7001 ELSE 5000 END AS Status,
                       $start + CAST(i AS INTEGER) * $seconds / $count AS StartTime
                FROM numbers JOIN Numbered a ON a.Number = i % (SELECT count(*) FROM Numbered))
            INSERT INTO BackupJobs ({{columns}}, StartTime, EndTime,
                                    TotalFiles, TotalSize, UploadSize, DownloadSize, Counter, LogEntries, Revision, Document)
            SELECT {{values}}, StartTime, StartTime + 300, 1000, 5000000 + i, 100000, 0, 0, 0, 1,
                   replace(replace(replace(replace($document, '"GUID":""', {{owner}}),
                       '"Status":0', '"Status":' || Status), {{times}})
            FROM jobs
            """;
        insert.Parameters.AddWithValue("$count", count);
        insert.Parameters.AddWithValue("$seconds", (long)TimeSpan.FromDays(Days).TotalSeconds);
        insert.Parameters.AddWithValue("$start", now.AddDays(-Days).ToUnixTimeSeconds());
        insert.Parameters.AddWithValue("$document", JsonSerializer.Serialize(
            new BackupJobDetail
            {
                Classification = JobClassification.Backup,
                SourceGUID = "source",
                DestinationGUID = "vault",
                DeviceID = "device",
                TotalFiles = 1000,
            },
            CometJson.Options));
        insert.CommandTimeout = 0;
        insert.ExecuteNonQuery();
    }

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the two texts above
        command.CommandText = text;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    // Two devices, two protected items with long lists, one vault, two schedules: what an ordinary account has.
    private static string Profile(int i, string hash)
    {
        var profile = new UserProfileConfig
        {
            AccountName = $"Customer {i}",
            Emails = [$"user{i}@example.org"],
            PasswordFormat = 1,
            PasswordHash = hash,
            AllowPasswordLogin = true,
        };
        profile.Destinations["vault"] = new DestinationConfig
        {
            Description = "Vault",
            DestinationType = 1003,
            CometServer = "https://backup.example.org/",
            CometBucket = $"bucket{i}",
        };
        foreach (var item in new[] { "source", "source-2" })
        {
            profile.Devices[$"device-{item}"] = new DeviceConfig { FriendlyName = $"PC {i}" };
            profile.Sources[item] = new SourceConfig { Engine = "engine1/file", Description = "Documents", OwnerDevice = $"device-{item}" };
            profile.Sources[item].EngineProps["INCLUDE"] = "/home";
            profile.BackupRules[item] = new BackupRuleConfig { Description = "Daily", Source = item, Destination = "vault" };
        }

        return JsonSerializer.Serialize(profile, CometJson.Options);
    }
}
