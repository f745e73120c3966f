using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Server.AdminWeb.Browser;

namespace Halley.Server.AdminWeb.Devices;

/// <summary>The names and facts of devices and their jobs on pages.</summary>
internal static class DeviceWords
{
    private const double NoticedAfterSeconds = 60;

    public static string PathOf(string username, string deviceId) =>
        $"/devices/device?user={Uri.EscapeDataString(username)}&id={Uri.EscapeDataString(deviceId)}";

    public static string NameOf(DeviceStatus device) => device.Name.Length > 0 ? device.Name : device.DeviceId;

    public static string VersionOf(DeviceStatus device) =>
        device.Connection?.ClientVersion is { Length: > 0 } version ? version : device.ClientVersion;

    /// <summary>Such as <c>Debian 13, linux/amd64</c>; empty when it is not known.</summary>
    public static string PlatformOf(DeviceStatus device)
    {
        var system = $"{device.Platform.Distribution} {device.Platform.Version}".Trim();
        var kind = device.Connection?.Platform is { Length: > 0 } reported ? reported
            : string.Join('/', new[] { device.Platform.Os, device.Platform.Arch }.Where(part => part.Length > 0));
        return string.Join(", ", new[] { system, kind }.Where(part => part.Length > 0));
    }

    /// <summary>The error of a device's clock, such as <c>7 min ahead</c>; null when it is small.</summary>
    public static string? ClockOf(DeviceStatus device)
    {
        if (device.Connection?.ClockAheadSeconds is not { } seconds || Math.Abs(seconds) <= NoticedAfterSeconds)
        {
            return null;
        }

        var distance = TimeSpan.FromSeconds(Math.Abs(seconds)) switch
        {
            { TotalMinutes: < 120 } minutes => $"{minutes.TotalMinutes:0} min",
            { TotalHours: < 48 } hours => $"{hours.TotalHours:0} h",
            var days => $"{days.TotalDays:0} days",
        };
        return $"{distance} {(seconds > 0 ? "ahead" : "behind")}";
    }

    /// <summary>Such as <c>250 files</c>.</summary>
    public static string FilesOf(RestoreDrillStatus drill) => $"{Sizes.Count(drill.Files)} {(drill.Files == 1 ? "file" : "files")}";

    public static string KindOf(RunningJob job) => KindOf((JobClassification)job.Classification);

    public static string KindOf(JobClassification kind) => kind switch
    {
        JobClassification.Backup => "Backup",
        JobClassification.Restore => "Restore",
        JobClassification.Retention => "Retention",
        JobClassification.Unlock => "Unlocking a vault",
        JobClassification.DeleteSnapshot => "Deleting a snapshot",
        JobClassification.Measure => "Measuring a vault",
        JobClassification.Update => "Software update",
        JobClassification.Import => "Importing settings",
        JobClassification.Reindex => "Rebuilding an index",
        JobClassification.DeepVerify => "Verifying a vault",
        JobClassification.Uninstall => "Removing the software",
        JobClassification.RestoreDrill => "Restore drill",
        JobClassification.Healing => "Healing a vault",
        _ => "Job",
    };
}
