using System.Buffers.Text;
using System.Globalization;

namespace Halley.Client.Repository;

/// <summary>
/// An instant to the nanosecond with the offset of the clock that showed it, as restic writes it: <c>2024-07-02T05:04:05.12+02:00</c>.
/// <see cref="DateTime"/> has only steps of 100 ns and no years before 1.
/// </summary>
/// <param name="UnixSeconds">Whole seconds since 1970-01-01 UTC; negative before.</param>
/// <param name="Nanoseconds">0 to 999 999 999, added to the seconds.</param>
/// <param name="OffsetMinutes">Minutes by which the clock was ahead of UTC.</param>
public readonly record struct VaultTime(long UnixSeconds, int Nanoseconds, short OffsetMinutes)
{
    /// <summary>Most bytes of the text.</summary>
    internal const int LongestText = 35;

    private const long SecondsPerDay = 86_400;
    private static readonly long FirstSecond = DaysBefore(0, 1, 1) * SecondsPerDay;
    private static readonly long LastSecond = (DaysBefore(10_000, 1, 1) * SecondsPerDay) - 1;
    private static readonly long LastZonedSecond = new DateTimeOffset(9999, 12, 30, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly long FirstZonedSecond = new DateTimeOffset(1, 1, 2, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    /// <summary>
    /// The instant as a <see cref="DateTimeOffset"/>, to 100 ns; the nearest one that has a <see cref="DateTimeOffset"/>.
    /// </summary>
    public DateTimeOffset ToDateTimeOffset() =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(UnixSeconds, FirstZonedSecond, LastZonedSecond))
            .AddTicks(Nanoseconds / 100)
            .ToOffset(TimeSpan.FromMinutes(Math.Clamp((int)OffsetMinutes, -14 * 60, 14 * 60)));

    /// <summary>An instant as clocks in a time zone showed it then.</summary>
    public static VaultTime In(TimeZoneInfo zone, long unixSeconds, int nanoseconds)
    {
        ArgumentNullException.ThrowIfNull(zone);
        var instant = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(unixSeconds, FirstZonedSecond, LastZonedSecond));
        return new(unixSeconds, nanoseconds, (short)zone.GetUtcOffset(instant).TotalMinutes);
    }

    /// <summary>The time of a clock in its own zone.</summary>
    public static VaultTime Now(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return Of(time.GetLocalNow());
    }

    /// <summary>The same instant with the same offset.</summary>
    public static VaultTime Of(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        var (seconds, rest) = (Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var remainder), remainder);
        return rest < 0
            ? new(seconds - 1, (int)(rest + TimeSpan.TicksPerSecond) * 100, (short)time.TotalOffsetMinutes)
            : new(seconds, (int)rest * 100, (short)time.TotalOffsetMinutes);
    }

    /// <summary>True when both are the same instant, regardless of their offsets.</summary>
    public bool IsSameInstant(VaultTime other) => UnixSeconds == other.UnixSeconds && Nanoseconds == other.Nanoseconds;

    /// <summary>Compares instants, not offsets.</summary>
    public int CompareTo(VaultTime other) =>
        UnixSeconds != other.UnixSeconds ? UnixSeconds.CompareTo(other.UnixSeconds) : Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>The text as restic writes it.</summary>
    public override string ToString()
    {
        Span<byte> text = stackalloc byte[LongestText];
        return System.Text.Encoding.ASCII.GetString(text[..Write(text)]);
    }

    /// <summary>Writes the text in ASCII and returns its length. Years outside 0 to 9999 become 0 and 9999.</summary>
    internal int Write(Span<byte> text)
    {
        var local = Math.Clamp(UnixSeconds + (OffsetMinutes * 60L), FirstSecond, LastSecond);
        var days = Math.DivRem(local, SecondsPerDay, out var second);
        if (second < 0)
        {
            (days, second) = (days - 1, second + SecondsPerDay);
        }

        var (year, month, day) = DateOf(days);
        Digits(text, year, 4);
        text[4] = (byte)'-';
        Digits(text[5..], month, 2);
        text[7] = (byte)'-';
        Digits(text[8..], day, 2);
        text[10] = (byte)'T';
        Digits(text[11..], (int)(second / 3600), 2);
        text[13] = (byte)':';
        Digits(text[14..], (int)(second / 60 % 60), 2);
        text[16] = (byte)':';
        Digits(text[17..], (int)(second % 60), 2);
        var length = WriteFraction(text, 19);
        return WriteOffset(text, length);
    }

    /// <summary>Reads RFC 3339 with any number of digits after the second.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out VaultTime time)
    {
        time = default;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t')
            || text[13] != ':' || text[16] != ':'
            || !TryNumber(text[..4], out var year) || !TryNumber(text[5..7], out var month) || !TryNumber(text[8..10], out var day)
            || !TryNumber(text[11..13], out var hour) || !TryNumber(text[14..16], out var minute)
            || !TryNumber(text[17..19], out var second)
            || month is < 1 or > 12 || day < 1 || day > DaysIn(year, month) || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        text = text[19..];
        if (!TryFraction(ref text, out var nanoseconds) || !TryOffset(text, out var offset))
        {
            return false;
        }

        var seconds = (DaysBefore(year, month, day) * SecondsPerDay) + (hour * 3600) + (minute * 60) + second - (offset * 60);
        time = new VaultTime(seconds, nanoseconds, (short)offset);
        return true;
    }

    private int WriteFraction(Span<byte> text, int length)
    {
        if (Nanoseconds == 0)
        {
            return length;
        }

        text[length] = (byte)'.';
        Digits(text[(length + 1)..], Nanoseconds, 9);
        length += 10;
        while (text[length - 1] == '0')
        {
            length--;
        }

        return length;
    }

    private int WriteOffset(Span<byte> text, int length)
    {
        if (OffsetMinutes == 0)
        {
            text[length] = (byte)'Z';
            return length + 1;
        }

        var (hours, minutes) = Math.DivRem(Math.Abs((int)OffsetMinutes), 60);
        text[length] = (byte)(OffsetMinutes < 0 ? '-' : '+');
        Digits(text[(length + 1)..], hours, 2);
        text[length + 3] = (byte)':';
        Digits(text[(length + 4)..], minutes, 2);
        return length + 6;
    }

    private static bool TryFraction(ref ReadOnlySpan<byte> text, out int nanoseconds)
    {
        nanoseconds = 0;
        if (text is not [(byte)'.' or (byte)',', .. var rest])
        {
            return true;
        }

        var digits = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits <= 0)
        {
            return false;
        }

        for (var i = 0; i < 9; i++)
        {
            nanoseconds = (nanoseconds * 10) + (i < digits ? rest[i] - '0' : 0);
        }

        text = rest[digits..];
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text is [(byte)'Z' or (byte)'z'])
        {
            return true;
        }

        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':'
            || !TryNumber(text[1..3], out var hour) || !TryNumber(text[4..6], out var minute) || hour > 24 || minute > 59)
        {
            return false;
        }

        minutes = ((hour * 60) + minute) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number) =>
        Utf8Parser.TryParse(digits, out number, out var used) && used == digits.Length && digits[0] is >= (byte)'0' and <= (byte)'9';

    private static void Digits(Span<byte> text, int number, int count) =>
        number.TryFormat(text, out _, count switch { 2 => "D2", 4 => "D4", _ => "D9" }, CultureInfo.InvariantCulture);

    private static int DaysIn(int year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    // Days since 1970-01-01 in the Gregorian calendar, also before it was in use. The year begins in March, so that the leap day comes
    // last.
    private static long DaysBefore(int year, int month, int day)
    {
        var y = month <= 2 ? year - 1 : year;
        var era = (y >= 0 ? y : y - 399) / 400;
        var yearOfEra = y - (era * 400);
        var dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5) + day - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146_097L) + dayOfEra - 719_468;
    }

    private static (int Year, int Month, int Day) DateOf(long days)
    {
        days += 719_468;
        var era = (days >= 0 ? days : days - 146_096) / 146_097;
        var dayOfEra = (int)(days - (era * 146_097));
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shifted = ((5 * dayOfYear) + 2) / 153;
        var month = shifted < 10 ? shifted + 3 : shifted - 9;
        return ((int)(yearOfEra + (era * 400)) + (month <= 2 ? 1 : 0), month, dayOfYear - (((153 * shifted) + 2) / 5) + 1);
    }
}
