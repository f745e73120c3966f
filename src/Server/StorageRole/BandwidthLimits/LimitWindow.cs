using System.Globalization;
using Halley.Protocol;

namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary>
/// When a limit is in force, by the local time of a place. This settles the days on which clocks change: a window in the skipped hour does
/// not open, and one in the repeated hour opens twice.
/// </summary>
/// <param name="TimeZone">IANA time zone.</param>
/// <param name="FromMinute">Minute of the day at which it opens.</param>
/// <param name="ToMinute">Minute at which it closes; on the next day when that is not later.</param>
/// <param name="Days">Days on which it opens: bit 0 for Sunday. 0 for every day.</param>
internal sealed record LimitWindow(string TimeZone, int FromMinute, int ToMinute, int Days)
{
    public const string Rule =
        "A schedule has an IANA time zone such as Europe/Berlin, from and to as HH:mm (00:00 to 23:59), "
        + "and days of the week on which it begins.";

    private const string Format = "HH:mm";
    private const int MinutesOfDay = 24 * 60;

    // A zone that the time zone data no longer has counts as UTC, so that the limit is not lost.
    private readonly TimeZoneInfo _zone = TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) ? zone : TimeZoneInfo.Utc;

    /// <summary>The window that a request describes; null if the request is invalid.</summary>
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

        // Past midnight: the evening belongs to this day, the early morning to the day before.
        return minute >= FromMinute ? OpensOn(local.DayOfWeek) : minute < ToMinute && OpensOn(local.AddDays(-1).DayOfWeek);
    }

    public BandwidthSchedule ToWire() => new(
        TimeZone, Text(FromMinute), Text(ToMinute),
        Days == 0 ? null : [.. Enum.GetValues<Weekday>().Where(day => OpensOn((DayOfWeek)day))]);

    private static int? Minute(string? text) =>
        text is null ? 0
        : TimeOnly.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? (at.Hour * 60) + at.Minute
        : null;

    private static string Text(int minute) =>
        TimeOnly.MinValue.AddMinutes(minute % MinutesOfDay).ToString(Format, CultureInfo.InvariantCulture);

    private bool OpensOn(DayOfWeek day) => Days == 0 || (Days & (1 << (int)day)) != 0;
}
