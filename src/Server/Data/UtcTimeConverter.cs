using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Halley.Server.Data;

/// <summary>
/// All times are UTC and come back as such. They are cut to microseconds, the precision of PostgreSQL, so that both databases give back
/// the same value.
/// </summary>
internal sealed class UtcTimeConverter()
    : ValueConverter<DateTime, DateTime>(time => ToStored(time), time => DateTime.SpecifyKind(time, DateTimeKind.Utc))
{
    public static DateTime ToStored(DateTime time)
    {
        if (time.Kind != DateTimeKind.Utc)
        {
            throw new ArgumentException("Only UTC times are stored; take them from TimeProvider.", nameof(time));
        }

        return new DateTime(time.Ticks - (time.Ticks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);
    }
}
