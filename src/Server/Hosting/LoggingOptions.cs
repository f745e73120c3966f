using System.ComponentModel.DataAnnotations;
using Serilog.Events;

namespace Halley.Server.Hosting;

/// <summary>Logging (<c>Halley:Logging</c>): to the console and to one file a day in <c>{data}/logs</c>.</summary>
internal sealed class LoggingOptions
{
    /// <summary>Least severe level that is logged.</summary>
    public LogEventLevel Level { get; set; } = LogEventLevel.Information;

    /// <summary>Number of files that are kept: days, unless a day needs several.</summary>
    [Range(1, 3650, ErrorMessage = "must be a number of days from 1 to 3650")]
    public int RetainedDays { get; set; } = 31;

    /// <summary>Bytes after which a day gets another file.</summary>
    [Range(1 << 16, 1L << 40, ErrorMessage = "must be a number of bytes from 64 KiB to 1 TiB")]
    public long FileBytes { get; set; } = 64 << 20;
}
