using Halley.Client.Repository;
using Halley.Protocol.Profiles;

namespace Halley.Client.Retention;

/// <summary>Reads the retention policy of a profile as rules.</summary>
public static class ProfileRetention
{
    private const int MostNumber = 100_000;

    /// <summary>The rules of a policy; null when it keeps all snapshots.</summary>
    /// <exception cref="VaultException">
    /// A range is of a kind that this program does not know. Nothing may be removed then, since the range could keep it.
    /// </exception>
    public static IReadOnlyList<KeepRule>? RulesOf(RetentionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.Mode == RetentionPolicy.KeepRanges ? [.. policy.Ranges.Select(RuleOf)] : null;
    }

    private static KeepRule RuleOf(RetentionRange range) => range.Type switch
    {
        900 => new KeepLast(Math.Max(range.Jobs, 0)),
        901 => new KeepSince(DateTimeOffset.FromUnixTimeSeconds(
            Math.Clamp(range.Timestamp, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds()))),
        902 => new KeepYounger(AgeOf(range)),
        903 => new KeepFirst(KeepPeriod.Day, 0, new(0, 0, Number(range.Days), 0)),
        905 => new KeepFirst(KeepPeriod.Month, (int)Math.Clamp(range.MonthOffset, 1, 31), new(0, Number(range.Months), 0, 0)),
        906 => new KeepFirst(KeepPeriod.Week, (int)Math.Clamp(range.WeekOffset, 0, 6), new(0, 0, DaysOf(range), 0)),
        907 => new KeepPeriodic(KeepPeriod.Day, Math.Max(range.Jobs, 0), KeepsOldest: false),
        908 => new KeepPeriodic(KeepPeriod.Week, Math.Max(range.Jobs, 0), KeepsOldest: false),
        909 => new KeepPeriodic(KeepPeriod.Month, Math.Max(range.Jobs, 0), KeepsOldest: false),
        910 => new KeepPeriodic(KeepPeriod.Year, Math.Max(range.Jobs, 0), KeepsOldest: false),
        911 => new KeepFirst(KeepPeriod.Year, (int)Math.Clamp(range.YearOffset, 1, 366), new(Number(range.Years), 0, 0, 0)),
        _ => throw new VaultException(
            VaultFault.Unsupported,
            $"The retention policy has a range of kind {range.Type}, which this program does not know. "
            + "Nothing was removed. Update the program, or change the policy."),
    };

    private static KeepDuration AgeOf(RetentionRange range) =>
        new(Number(range.Years), Number(range.Months), Number(range.Days) + DaysOf(range), 0);

    private static int DaysOf(RetentionRange range) => Number(range.Weeks) * 7;

    // "For over a million years" is a way to say for ever.
    private static int Number(long number) => (int)Math.Clamp(number, 0, MostNumber);
}
