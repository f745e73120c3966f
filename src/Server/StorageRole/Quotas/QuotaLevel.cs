using Halley.Server.Organizations;

namespace Halley.Server.StorageRole.Quotas;

/// <summary>
/// The steps of a quota that usage has reached. Administrators are warned once of each, until usage falls below it again.
/// </summary>
[Flags]
internal enum QuotaLevel
{
    None = 0,
    Soft = 1,
    Percent80 = 2,
    Percent90 = 4,
    Percent95 = 8,
}

internal static class QuotaLevels
{
    public static QuotaLevel Of(QuotaLimits limits, long used) =>
        (used > limits.SoftBytes ? QuotaLevel.Soft : 0)
        | (IsAt(limits, used, 80) ? QuotaLevel.Percent80 : 0)
        | (IsAt(limits, used, 90) ? QuotaLevel.Percent90 : 0)
        | (IsAt(limits, used, 95) ? QuotaLevel.Percent95 : 0);

    /// <summary>The steps in words, such as "90 % of the hard quota", with the highest percentage only.</summary>
    public static string Describe(QuotaLevel reached)
    {
        var percent = reached.HasFlag(QuotaLevel.Percent95) ? 95 : reached.HasFlag(QuotaLevel.Percent90) ? 90 : reached.HasFlag(
            QuotaLevel.Percent80) ? 80 : 0;
        var soft = reached.HasFlag(QuotaLevel.Soft) ? "the soft quota" : "";
        return percent == 0 ? soft : soft.Length == 0 ? $"{percent} % of the hard quota" : $"{soft} and {percent} % of the hard quota";
    }

    private static bool IsAt(QuotaLimits limits, long used, int percent) => limits.HardBytes is { } hard && used >= hard / 100.0 * percent;
}
