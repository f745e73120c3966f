using System.Xml.Linq;
using Halley.Protocol.Profiles;

namespace Halley.Client.Importing;

/// <summary>
/// Translates CrashPlan's retention, which keeps a version for each interval of the last week, 90 days, year and of the time before. A
/// translation keeps at least as much.
/// </summary>
/// <param name="draft">The plan.</param>
/// <param name="backups">The time between two backups, below which nothing can be kept.</param>
internal sealed class CrashPlanRetention(ImportDraft draft, TimeSpan backups)
{
    private const long ForEver = 12 * 1_100_000;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>The policy.</summary>
    public RetentionPolicy Read(string place, XElement? element)
    {
        if (element is null)
        {
            draft.Changed(place, "It has no retention, so all backups are kept.");
            return new RetentionPolicy { Mode = RetentionPolicy.KeepAll };
        }

        var policy = new RetentionPolicy { Mode = RetentionPolicy.KeepRanges };
        Add(policy, place, "the last week", element.Number("versionLastWeekInterval"), days: 7, weeks: 1, months: 1, keepsAll: true);
        Add(policy, place, "the last 90 days", element.Number("versionLastNinetyDaysInterval"), days: 90, weeks: 13, months: 3);
        Add(policy, place, "the last year", element.Number("versionLastYearInterval"), days: 366, weeks: 53, months: 12);
        if (element.Number("versionPrevYearsInterval") > 0)
        {
            policy.Ranges.Add(new RetentionRange { Type = 905, MonthOffset = 1, Months = ForEver });
            draft.Changed(place, "Of the time before the last year, one backup a month is kept for ever.");
        }

        if (!element.IsYes("keepDeleted") || element.Number("keepDeletedMinutes") > 0)
        {
            draft.NotImported(place, "Deleted files are not removed earlier. They stay as long as the backups that have them.");
        }

        if (policy.Ranges.Count > 0)
        {
            return policy;
        }

        draft.Changed(place, "It has no intervals, so all backups are kept.");
        return new RetentionPolicy { Mode = RetentionPolicy.KeepAll };
    }

    private void Add(
        RetentionPolicy policy, string place, string time, long? minutes, long days, long weeks, long months, bool keepsAll = false)
    {
        if (minutes is not (> 0 and var number))
        {
            draft.NotImported(place, $"For {time} it has no interval.");
            return;
        }

        var interval = TimeSpan.FromMinutes(Math.Min(number, 366 * 1440));
        if (interval < backups)
        {
            draft.Changed(place, $"For {time} it kept a version every {number} minutes. No interval is shorter than that of the backups.");
            interval = backups;
        }

        if (interval < Day && keepsAll)
        {
            policy.Ranges.Add(new RetentionRange { Type = 902, Days = days });
            draft.Changed(place, $"All backups of {time} are kept, because a vault is thinned out by days.");
        }
        else if (interval <= Day)
        {
            policy.Ranges.Add(new RetentionRange { Type = 903, Days = days });
            draft.Changed(place, $"One backup a day of {time} is kept.");
        }
        else if (interval.TotalDays <= 7)
        {
            var offsets = Offsets(interval, 7).ToList();
            policy.Ranges.AddRange(offsets.Select(offset => new RetentionRange { Type = 906, Weeks = weeks, WeekOffset = offset }));
            draft.Changed(place, $"{offsets.Count} backups a week of {time} are kept.");
        }
        else
        {
            var offsets = Offsets(interval, 28).ToList();
            policy.Ranges.AddRange(offsets.Select(offset => new RetentionRange { Type = 905, Months = months, MonthOffset = offset + 1 }));
            draft.Changed(place, $"{offsets.Count} backups a month of {time} are kept.");
        }
    }

    // The days of a week or month on which a backup is kept.
    private static IEnumerable<long> Offsets(TimeSpan interval, long period)
    {
        for (var day = 0.0; day < period; day += interval.TotalDays)
        {
            yield return (long)day;
        }
    }
}
