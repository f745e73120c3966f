using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;

namespace Halley.Server.AuthRole.Reports;

/// <summary>The content of a report: its jobs, their period, and the profiles with the names of devices, items and vaults.</summary>
/// <param name="Owner">Name of the account, or the title of an administrator's report.</param>
/// <param name="Jobs">The jobs, the latest first.</param>
/// <param name="Profiles">Profiles of the accounts, by username.</param>
/// <param name="Zone">Time zone in which times are shown.</param>
/// <param name="From">Unix second at which the period begins.</param>
/// <param name="To">Unix second at which it ends.</param>
internal sealed record ReportSubject(
    string Owner, IReadOnlyList<BackupJobDetail> Jobs, IReadOnlyDictionary<string, UserProfileConfig> Profiles, TimeZoneInfo Zone,
    long From, long To)
{
    public string Time(long seconds)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds() - 86_400));
        return $"{TimeZoneInfo.ConvertTime(time, Zone):yyyy-MM-dd HH:mm}";
    }

    public string Device(BackupJobDetail job) =>
        Profiles.GetValueOrDefault(job.Username)?.Devices.GetValueOrDefault(job.DeviceID) is { FriendlyName.Length: > 0 } device
            ? device.FriendlyName : job.DeviceID;

    public string Source(BackupJobDetail job) =>
        Profiles.GetValueOrDefault(job.Username)?.Sources.GetValueOrDefault(job.SourceGUID) is { Description.Length: > 0 } source
            ? source.Description : job.SourceGUID;

    public string Vault(BackupJobDetail job) =>
        Profiles.GetValueOrDefault(job.Username)?.Destinations.GetValueOrDefault(job.DestinationGUID) is { Description.Length: > 0 } vault
            ? vault.Description : job.DestinationGUID;
}
