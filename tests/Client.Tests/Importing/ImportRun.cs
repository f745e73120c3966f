using System.Globalization;
using Halley.Client.Importing;
using Halley.Protocol.Profiles;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Client.Tests.Importing;

/// <summary>Reads settings as a device of an account does that has one vault on a server.</summary>
internal sealed class ImportRun : IDisposable
{
    public const string Device = "device";
    public const string Offsite = "offsite-id";

    public TemporaryDirectory Directory { get; } = new();

    public UserProfileConfig Profile { get; } = new()
    {
        LocalTimezone = "Europe/Berlin",
        Devices = { [Device] = new DeviceConfig() },
        Destinations =
        {
            [Offsite] = new DestinationConfig
            {
                Description = "Offsite",
                DestinationType = DestinationTypes.Server,
                CometServer = "https://backup.example.com/",
                CometBucket = "bucket",
            },
        },
    };

    public string? Vault { get; set; }

    public ImportPlan Read(ImportKind kind, string file, string text) =>
        ImportReader.Read(new ImportSource(kind, Directory.File(file, text)), Target());

    public ImportTarget Target() => new(
        Profile, Device, Vault, new FakeTimeProvider(DateTimeOffset.Parse("2026-03-02T12:00:00Z", CultureInfo.InvariantCulture)));

    public void Dispose() => Directory.Dispose();
}

internal static class ImportAssert
{
    /// <summary>The report has a line with this verdict that contains the words.</summary>
    public static void Reports(this ImportPlan plan, ImportVerdict verdict, string words) => Assert.True(
        plan.Lines.Exists(line => line.Verdict == verdict && line.Message.Contains(words, StringComparison.Ordinal)),
        $"No line {verdict} with '{words}' in:\n{string.Join('\n', plan.Lines)}");

    public static List<string> Values(this SourceConfig item, string kind) => [.. item.EngineProps
        .Where(property => property.Key.StartsWith($"{kind}-", StringComparison.Ordinal))
        .OrderBy(property => property.Key, StringComparer.Ordinal)
        .Select(property => property.Value)];

    /// <summary>The next times of a rule, in the zone of the device.</summary>
    public static string Times(this BackupRuleConfig rule, string from, int count)
    {
        var zone = ScheduleCalendar.ZoneOf("Europe/Berlin");
        var start = DateTimeOffset.Parse(from, CultureInfo.InvariantCulture).ToUnixTimeSeconds();
        return string.Join(' ', rule.Schedules.SelectMany(schedule => ScheduleCalendar.Due(schedule, zone, start, start + (40L * 86_400)))
            .Distinct().Order().Take(count)
            .Select(time => TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(time), zone)
                .ToString("ddd-dd.MM-HH:mm", CultureInfo.InvariantCulture)));
    }
}
