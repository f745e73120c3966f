using Halley.Protocol.Settings;

namespace Halley.Server.Settings;

/// <summary>The setting LoginProtection, with its defaults filled in.</summary>
/// <param name="Threshold">Failures after which a name is locked.</param>
/// <param name="Cooldown">Duration of the lock.</param>
internal readonly record struct LoginRules(bool Enabled, long Threshold, TimeSpan Cooldown)
{
    public const int DefaultThreshold = 5;
    public static readonly TimeSpan DefaultCooldown = TimeSpan.FromMinutes(5);
    private const int LongestCooldown = 30 * 24 * 3600;

    // Several people may share one address.
    private const int AddressAllowance = 10;

    /// <summary>Failures after which an address is blocked.</summary>
    public long AddressThreshold => Threshold * AddressAllowance;

    public static LoginRules Of(LoginProtectionOptions options) => new(
        options.Enabled,
        options.FailureThreshold is > 0 and < int.MaxValue and var threshold ? threshold : DefaultThreshold,
        options.CooldownSeconds > 0 ? TimeSpan.FromSeconds(Math.Min(options.CooldownSeconds, LongestCooldown)) : DefaultCooldown);
}
