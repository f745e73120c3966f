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

    /// <summary>
    /// Removes what this server cannot do from a configuration that was made for another server, and returns a sentence for each.
    /// </summary>
    public virtual IEnumerable<string> Reduce(ServerConfigOptions options) => [];
}

/// <summary>Checks the parts that no other rule checks.</summary>
internal sealed class GeneralSettingsRule : SettingsRule
{
    private const long LongestSession = 48 * 3600;

    public override string? Check(ServerConfigOptions options) => options switch
    {
        _ when UnsupportedPart.All.FirstOrDefault(part => part.IsUsed(options)) is { } unsupported => unsupported.Reason,
        { SessionSettings.ExpiredInSeconds: > LongestSession } =>
            "SessionSettings.ExpiredInSeconds must be at most 172800, which is 48 hours.",
        { LoginProtection.FailureThreshold: < 0 or > 1_000_000 } or { LoginProtection.CooldownSeconds: < 0 or > 31_536_000 } =>
            "LoginProtection must have a FailureThreshold and CooldownSeconds that are not below zero and not beyond a million and a year.",
        { AuthenticationRole.PruneLogsAfterDays: < 0 or > 36_500 } => "AuthenticationRole.PruneLogsAfterDays must be 0 (never) to 36500.",
        { AuthenticationRole.DatabaseCheckLevel: < 0 or > 5 } => "AuthenticationRole.DatabaseCheckLevel must be 0 to 5.",
        _ => null,
    };

    public override IEnumerable<string> Reduce(ServerConfigOptions options)
    {
        foreach (var part in UnsupportedPart.All.Where(part => part.IsUsed(options)))
        {
            part.Remove(options);
            yield return part.Reason;
        }
    }
}
