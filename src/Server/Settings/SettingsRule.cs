using Halley.Protocol.Settings;

namespace Halley.Server.Settings;

/// <summary>
/// A rule that the settings must meet, no matter who changes them. Each folder registers the rule for the part it reads. A rule rejects
/// what this server cannot do, so that nobody believes it is done.
/// </summary>
internal abstract class SettingsRule
{
    /// <summary>Why the settings cannot be stored, or null. May complete the settings, for example with missing ids.</summary>
    public abstract string? Check(ServerConfigOptions options);
}

/// <summary>Checks the parts that no other rule checks.</summary>
internal sealed class GeneralSettingsRule : SettingsRule
{
    private const long LongestSession = 48 * 3600;

    public override string? Check(ServerConfigOptions options) => options switch
    {
        { SoftwareBuildRole.RoleEnabled: true } => "SoftwareBuildRole.RoleEnabled must be false: this server does not build installers.",
        { SoftwareBuildRole.AllowUnauthenticatedDownloads: true } =>
            "SoftwareBuildRole.AllowUnauthenticatedDownloads must be false: there is nothing to download.",
        { ConstellationRole.RoleEnabled: true } or { OverseerRole.RoleEnabled: true } =>
            "ConstellationRole.RoleEnabled must be false: this server does not look for buckets that nobody uses.",
        { AuthenticationRole.ReplicateTo.Count: > 0 } or { StorageRole.ReplicateTo.Count: > 0 } =>
            "ReplicateTo must be empty: this server does not copy itself to others.",
        { StorageRole.LocalStorage.Count: > 0 } or { StorageRole.Storage.DestinationType: not 0 } =>
            "StorageRole.Storage must be empty: add volumes with /api/v2/volumes.",
        { SelfBackup.Targets.Count: > 0 } => "SelfBackup.Targets must be empty: this server does not back itself up.",
        { ExternalAdminUserSources.Count: > 0 } =>
            "ExternalAdminUserSources must be empty: administrators do not sign in through a directory.",
        { IPRateLimit.Rules.Count: > 0 } => "IPRateLimit.Rules must be empty: limit the speed at the proxy.",
        { SessionSettings.ExpiredInSeconds: > LongestSession } =>
            "SessionSettings.ExpiredInSeconds must be at most 172800, which is 48 hours.",
        { LoginProtection.FailureThreshold: < 0 or > 1_000_000 } or { LoginProtection.CooldownSeconds: < 0 or > 31_536_000 } =>
            "LoginProtection must have a FailureThreshold and CooldownSeconds that are not below zero and not beyond a million and a year.",
        { AuthenticationRole.PruneLogsAfterDays: < 0 or > 36_500 } => "AuthenticationRole.PruneLogsAfterDays must be 0 (never) to 36500.",
        { AuthenticationRole.DatabaseCheckLevel: < 0 or > 5 } => "AuthenticationRole.DatabaseCheckLevel must be 0 to 5.",
        _ => null,
    };
}
