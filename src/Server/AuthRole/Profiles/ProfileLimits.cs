using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>The limits of every stored profile, regardless of its source.</summary>
internal static class ProfileLimits
{
    public const int MostBytes = 4 * 1024 * 1024;
    public const int MostEntries = 10_000;
    public const int LongestDeviceName = 255;
    private const int LongestKey = 255;
    private const int LongestAccountName = 1000;
    private const int LongestGroupId = 64;
    private const int LongestPolicyId = 128;
    private const int LongestAddress = 254;

    /// <summary>Returns why a document cannot be stored, as a sentence, or null when it can.</summary>
    public static string? ProblemWith(UserProfileConfig profile) =>
        ProblemWithMap(nameof(profile.Destinations), profile.Destinations)
        ?? ProblemWithMap(nameof(profile.Sources), profile.Sources)
        ?? ProblemWithMap(nameof(profile.BackupRules), profile.BackupRules)
        ?? ProblemWithMap(nameof(profile.Devices), profile.Devices)
        ?? ProblemWithMap(nameof(profile.OverrideEmailSettings), profile.OverrideEmailSettings)
        ?? ProblemWithText(nameof(profile.AccountName), profile.AccountName, LongestAccountName)
        ?? ProblemWithText(nameof(profile.GroupID), profile.GroupID, LongestGroupId)
        ?? ProblemWithText(nameof(profile.PolicyID), profile.PolicyID, LongestPolicyId)
        ?? ProblemWithDevices(profile)
        ?? ProblemWithAddresses(profile)
        ?? ProblemWithTimeZone(profile.LocalTimezone)
        ?? ProblemWithSize(profile);

    public static bool IsTimeZone(string id) => id.Length == 0 || TimeZoneInfo.TryFindSystemTimeZoneById(id, out _);

    private static string? ProblemWithMap<T>(string name, Dictionary<string, T> map) =>
        map.Count > MostEntries ? $"{name} has more than {MostEntries} entries."
        : map.Any(entry => entry.Key.Length is 0 or > LongestKey || entry.Key.Contains('\0'))
            ? $"Keys of {name} must have 1 to {LongestKey} characters."
        : map.Any(entry => entry.Value is null) ? $"{name} has an entry without content."
        : null;

    private static string? ProblemWithText(string name, string text, int longest) =>
        text.Length > longest || text.Contains('\0') ? $"{name} must have at most {longest} characters." : null;

    private static string? ProblemWithDevices(UserProfileConfig profile) =>
        profile.Devices.Values.Any(device => device.FriendlyName.Length > LongestDeviceName || device.FriendlyName.Contains('\0'))
            ? $"FriendlyName of a device must have at most {LongestDeviceName} characters."
            : null;

    private static string? ProblemWithAddresses(UserProfileConfig profile) =>
        profile.Emails.Count > MostEntries ? $"Emails has more than {MostEntries} entries."
        : profile.Emails.Concat(profile.OverrideEmailSettings.Keys).FirstOrDefault(address => !IsPlausible(address)) is { } wrong
            ? $"'{Shortened(wrong)}' is not an e-mail address."
            : null;

    private static bool IsPlausible(string? address) =>
        address is { Length: > 2 and <= LongestAddress } && address.IndexOf('@', StringComparison.Ordinal) is > 0 and var at
            && at < address.Length - 1
        && !address.Any(letter => char.IsControl(letter) || letter == ' ');

    private static string? ProblemWithTimeZone(string id) =>
        IsTimeZone(id) ? null : $"LocalTimezone '{Shortened(id)}' is not a time zone such as Europe/Berlin.";

    private static string? ProblemWithSize(UserProfileConfig profile) =>
        JsonSerializer.SerializeToUtf8Bytes(profile, CometJson.Options).Length > MostBytes ? "The profile is larger than 4 MiB." : null;

    private static string Shortened(string? text) =>
        new([.. (text ?? "").Where(letter => !char.IsControl(letter)).Take(100)]);
}
