using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Halley.Server.AdminWeb.Devices;
using Halley.Server.AuthRole.Accounts;

namespace Halley.Server.AdminWeb.Accounts;

/// <summary>The names of accounts, states and jobs on pages, and where their pages are.</summary>
internal static class AccountWords
{
    private static readonly long Latest = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    public static string PathOfJob(string id) => $"/accounts/job?id={Uri.EscapeDataString(id)}";

    public static string Of(AccountHealth health) => health switch
    {
        AccountHealth.Fine => "Fine",
        AccountHealth.Warning => "Warning",
        AccountHealth.Failed => "Failed",
        AccountHealth.NeverBackedUp => "Never backed up",
        _ => "Suspended",
    };

    /// <summary>The style of a status: as on all pages, green, yellow or red.</summary>
    public static string LookOf(JobStatus status) => status switch
    {
        _ when status.IsSuccess() => "good",
        JobStatus.Warning or JobStatus.Missed or JobStatus.Skipped or JobStatus.Cancelled or JobStatus.WillRetry => "calm",
        _ when status.IsRunning() => "good",
        _ => "bad",
    };

    /// <summary>Such as <c>Bucket</c>.</summary>
    public static string KindOf(DestinationConfig vault) => vault.DestinationType switch
    {
        DestinationTypes.Server => "Bucket",
        DestinationTypes.LocalPath => "Directory of the device",
        DestinationTypes.RestServer => "restic REST server",
        var type => $"Storage of type {type}",
    };

    /// <summary>Where a vault is; names no secret.</summary>
    public static string PlaceOf(DestinationConfig vault) => vault.DestinationType switch
    {
        DestinationTypes.Server => $"{vault.CometBucket} on {vault.CometServer}",
        DestinationTypes.LocalPath => vault.LocalcopyPath,
        _ => vault.CometServer,
    };

    /// <summary>What an item backs up: its folders, or its program.</summary>
    public static string ContentOf(SourceConfig item) => string.Join(", ", item.EngineProps
        .Where(property => property.Key.StartsWith("INCLUDE", StringComparison.Ordinal) || property.Key == "COMMAND")
        .OrderBy(property => property.Key, StringComparer.Ordinal).Select(property => property.Value));

    /// <summary>What a job was about: its item, and the vault.</summary>
    public static string NameOfItem(UserProfileConfig profile, BackupJobDetail job)
    {
        var item = profile.Sources.TryGetValue(job.SourceGUID, out var source) && source.Description.Length > 0
            ? source.Description
            : job.SourceGUID;
        var vault = job.DestinationGUID.Length > 0 ? CommandWords.VaultName(profile, job.DestinationGUID) : "";
        return string.Join(" → ", new[] { item, vault }.Where(name => name.Length > 0));
    }

    public static string NameOfDevice(UserProfileConfig profile, string deviceId) =>
        profile.Devices.TryGetValue(deviceId, out var device) && device.FriendlyName.Length > 0 ? device.FriendlyName : deviceId;

    public static DateTime? TimeOf(long seconds) =>
        seconds > 0 ? DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, Latest)).UtcDateTime : null;

    /// <summary>How long a job has taken, such as <c>4 min</c>; a dash while it runs.</summary>
    public static string DurationOf(BackupJobDetail job) => job.EndTime <= 0 ? "–" : (job.EndTime - job.StartTime) switch
    {
        < 1 => "under 1 s",
        < 120 and var seconds => $"{seconds} s",
        < 7200 and var seconds => $"{seconds / 60} min",
        var seconds => $"{seconds / 3600} h {seconds % 3600 / 60} min",
    };

    /// <summary>Such as <c>Files and folders</c>.</summary>
    public static string KindOf(SourceConfig item) => item.Engine switch
    {
        "engine1/file" => "Files and folders",
        "engine1/stdout" => "Program output",
        var engine => engine,
    };
}
