using System.Globalization;
using System.Text.RegularExpressions;
using Halley.Protocol.Profiles;

namespace Halley.Client.Importing;

/// <summary>Restic's options of <c>forget</c> as a retention policy.</summary>
internal static partial class ResticKeep
{
    private const long Unlimited = 1_000_000;

    // What only says where forget works, or what else is done.
    private static readonly string[] Other =
        ["prune", "host", "tag", "path", "group-by", "before-backup", "after-backup", "dry-run", "compact", "schedule"];

    /// <summary>
    /// The policy of options such as <c>keep-daily</c>. When one of them has no counterpart, everything is kept: it could keep a snapshot
    /// that the others would remove.
    /// </summary>
    public static RetentionPolicy PolicyOf(ImportDraft draft, string place, IEnumerable<KeyValuePair<string, string>> options)
    {
        var policy = new RetentionPolicy { Mode = RetentionPolicy.KeepRanges };
        var unknown = new List<string>();
        foreach (var (name, value) in options.Where(option => option.Value.Length > 0))
        {
            if (name.StartsWith("keep-", StringComparison.Ordinal) && RangesOf(name, value) is { } ranges)
            {
                policy.Ranges.AddRange(ranges);
                if (name is "keep-hourly" or "keep-within-hourly")
                {
                    draft.Changed(place, $"{name} {value} keeps all backups of that time, because a vault is thinned out by days.");
                }
            }
            else if (name.StartsWith("keep-", StringComparison.Ordinal))
            {
                unknown.Add(name);
            }
            else if (!Other.Contains(name))
            {
                draft.NotImported(place, $"The option {name} of forget has no counterpart.");
            }
        }

        if (unknown.Count > 0 || policy.Ranges.Count == 0)
        {
            if (unknown.Count > 0)
            {
                draft.Changed(
                    place, $"{string.Join(", ", unknown)} has no counterpart, so all backups are kept. Set the retention of the item.");
            }

            return new RetentionPolicy { Mode = RetentionPolicy.KeepAll };
        }

        draft.Imported(place, $"Retention with {policy.Ranges.Count} rules.");
        return policy;
    }

    private static List<RetentionRange>? RangesOf(string name, string value)
    {
        if (name.StartsWith("keep-within", StringComparison.Ordinal))
        {
            return Duration().Match(value) is { Success: true } match && value.Length > 0 ? Within(name, match) : null;
        }

        long? parsed = value is "unlimited" or "-1" ? Unlimited
            : long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
        return (name, parsed) switch
        {
            (_, null) => null,
            (_, 0) => [],
            ("keep-last", { } jobs) => [new RetentionRange { Type = 900, Jobs = jobs }],
            ("keep-hourly", { } hours) => [new RetentionRange { Type = 902, Days = (hours + 23) / 24 }],
            ("keep-daily", { } jobs) => [new RetentionRange { Type = 907, Jobs = jobs }],
            ("keep-weekly", { } jobs) => [new RetentionRange { Type = 908, Jobs = jobs }],
            ("keep-monthly", { } jobs) => [new RetentionRange { Type = 909, Jobs = jobs }],
            ("keep-yearly", { } jobs) => [new RetentionRange { Type = 910, Jobs = jobs }],
            _ => null,
        };
    }

    private static List<RetentionRange>? Within(string name, Match match)
    {
        long Part(string unit) =>
            long.TryParse(match.Groups[unit].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var range = new RetentionRange
        {
            Type = 902,
            Years = Part("y"),
            Months = Part("m"),
            Days = Part("d") + ((Part("h") + 23) / 24),
        };
        var days = (range.Years * 366) + (range.Months * 31) + range.Days;
        return name switch
        {
            "keep-within" or "keep-within-hourly" => [range],
            "keep-within-daily" => [new RetentionRange { Type = 903, Days = days }],
            "keep-within-weekly" => [new RetentionRange { Type = 906, Weeks = (days + 6) / 7 }],
            "keep-within-monthly" => [new RetentionRange { Type = 905, Months = (days + 30) / 31, MonthOffset = 1 }],
            "keep-within-yearly" => [new RetentionRange { Type = 911, Years = (days + 365) / 366, YearOffset = 1 }],
            _ => null,
        };
    }

    [GeneratedRegex("^(?=.)(?:(?<y>[0-9]+)y)?(?:(?<m>[0-9]+)m)?(?:(?<d>[0-9]+)d)?(?:(?<h>[0-9]+)h)?$")]
    private static partial Regex Duration();
}
