using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Halley.Server.Data;

/// <summary>
/// Stores all times as UTC and reads them as such. Times are truncated to microseconds, the precision of PostgreSQL, so that both databases
/// return the same value.
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
