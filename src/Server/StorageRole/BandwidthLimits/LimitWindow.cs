using System.Globalization;
using Halley.Protocol;

namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary>
/// When a limit is in force, by what the wall clocks of a place show. So nothing has to be decided for days on which they are moved: a window of
/// the hour that is skipped does not come, and one of the hour that comes twice comes twice.
/// </summary>
/// <param name="TimeZone">IANA time zone.</param>
/// <param name="FromMinute">Minute of the day at which it opens.</param>
/// <param name="ToMinute">Minute at which it closes; on the next day when that is not later.</param>
/// <param name="Days">Days on which it opens: bit 0 for Sunday. 0 for every day.</param>
internal sealed record LimitWindow(string TimeZone, int FromMinute, int ToMinute, int Days)
{
    public const string Rule =
        "A schedule has an IANA time zone such as Europe/Berlin, from and to as HH:mm (00:00 to 23:59), and days of the week on which it begins.";

    private const string Format = "HH:mm";
    private const int MinutesOfDay = 24 * 60;

    // A zone that the machine's data no longer has: the limit stays in force rather than being lost.
    private readonly TimeZoneInfo _zone = TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) ? zone : TimeZoneInfo.Utc;

    /// <summary>Null when the wish makes no sense.</summary>
    public static LimitWindow? Of(BandwidthSchedule request)
    {
        var days = (request.Days ?? []).Distinct().ToList();
        return request.TimeZone is { Length: > 0 and <= BandwidthLimit.LongestTimeZone } name
            && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId
            && Minute(request.From) is { } from && Minute(request.To) is { } to && days.All(Enum.IsDefined)
            ? new LimitWindow(name, from, to, days.Sum(day => 1 << (int)day))
            : null;
    }

    public bool IsOpen(DateTime utc)
    {
        var local = TimeZoneInfo.ConvertTimeFromUtc(utc, _zone);
        var minute = (local.Hour * 60) + local.Minute;
        if (FromMinute < ToMinute)
        {
            return minute >= FromMinute && minute < ToMinute && OpensOn(local.DayOfWeek);
        }

        // Over midnight: the evening is of this day, the early morning of the day before.
        return minute >= FromMinute ? OpensOn(local.DayOfWeek) : minute < ToMinute && OpensOn(local.AddDays(-1).DayOfWeek);
    }

    public BandwidthSchedule ToWire() => new(
        TimeZone, Text(FromMinute), Text(ToMinute), Days == 0 ? null : [.. Enum.GetValues<Weekday>().Where(day => OpensOn((DayOfWeek)day))]);

    private static int? Minute(string? text) =>
        text is null ? 0
        : TimeOnly.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? (at.Hour * 60) + at.Minute
        : null;

    private static string Text(int minute) => TimeOnly.MinValue.AddMinutes(minute % MinutesOfDay).ToString(Format, CultureInfo.InvariantCulture);

    private bool OpensOn(DayOfWeek day) => Days == 0 || (Days & (1 << (int)day)) != 0;
}
