using System.Globalization;
using Halley.Protocol.Profiles;

namespace Halley.Client.Tests.Schedules;

/// <summary>A profile with one backup rule of this device.</summary>
internal static class SampleProfile
{
    public const string Device = "device";
    public const string Rule = "rule";

    public static readonly long Noon = At("2026-03-02T12:00:00Z");

    public static UserProfileConfig With(params ScheduleConfig[] schedules)
    {
        var rule = new BackupRuleConfig { Source = "item", Destination = "vault", Schedules = [.. schedules] };
        return new UserProfileConfig
        {
            LocalTimezone = "UTC",
            Devices = { [Device] = new DeviceConfig() },
            Sources = { ["item"] = new SourceConfig { OwnerDevice = Device } },
            Destinations = { ["vault"] = new DestinationConfig() },
            BackupRules = { [Rule] = rule },
        };
    }

    public static ScheduleConfig Daily(int hour, ulong delay = 0) =>
        new() { FrequencyType = ScheduleFrequencies.Daily, SecondsPast = (ulong)hour * 3600, RandomDelaySecs = delay };

    public static ScheduleConfig Once(long at) => new() { FrequencyType = ScheduleFrequencies.Once, SecondsPast = (ulong)at };

    public static long At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).ToUnixTimeSeconds();
}
