using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Halley.Client.Retention;

/// <summary>A span of the calendar, as restic writes it: <c>1y5m7d2h</c>.</summary>
/// <param name="Years">Years.</param>
/// <param name="Months">Months.</param>
/// <param name="Days">Days.</param>
/// <param name="Hours">Hours.</param>
public readonly partial record struct KeepDuration(int Years, int Months, int Days, int Hours)
{
    /// <summary>Reads numbers with the units y, m, d and h, in any order.</summary>
    public static bool TryParse(string text, out KeepDuration duration)
    {
        duration = default;
        var match = Pattern().Match(text);
        for (var i = 0; i < match.Groups["part"].Captures.Count; i++)
        {
            var part = match.Groups["part"].Captures[i].Value;
            var number = int.Parse(part[..^1], CultureInfo.InvariantCulture);
            duration = part[^1] switch
            {
                'y' => duration with { Years = number },
                'm' => duration with { Months = number },
                'd' => duration with { Days = number },
                _ => duration with { Hours = number },
            };
        }

        return match.Success;
    }

    /// <summary>True for no time at all.</summary>
    public bool IsZero => this == default;

    /// <summary>
    /// The time this long before. Days that a month lacks run over into the next one, as in restic: one month before 31 March is 3 March,
    /// and 2 March in leap years.
    /// </summary>
    public DateTimeOffset Before(DateTimeOffset time)
    {
        var months = (time.Year * 12L) + time.Month - 1 - (Years * 12L) - Months;
        if (months < 12)
        {
            return DateTimeOffset.MinValue;
        }

        var first = new DateTimeOffset((int)(months / 12), (int)(months % 12) + 1, 1, 0, 0, 0, time.Offset);
        var days = time.Day - 1 - (double)Days - (Hours / 24.0);
        return (first - DateTimeOffset.MinValue).TotalDays + days < 1
            ? DateTimeOffset.MinValue
            : first.AddDays(time.Day - 1 - Days).Add(time.TimeOfDay).AddHours(-Hours);
    }

    /// <summary>The text as restic writes it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (number, unit) in new[] { (Years, 'y'), (Months, 'm'), (Days, 'd'), (Hours, 'h') })
        {
            if (number != 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{number}{unit}");
            }
        }

        return text.ToString();
    }

    [GeneratedRegex("^(?<part>[0-9]{1,6}[ymdh])+$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
