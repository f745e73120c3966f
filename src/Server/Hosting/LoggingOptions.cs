using System.ComponentModel.DataAnnotations;
using Serilog.Events;

namespace Halley.Server.Hosting;

/// <summary>Logging (<c>Halley:Logging</c>): to the console and to one file a day in <c>{data}/logs</c>.</summary>
internal sealed class LoggingOptions
{
    /// <summary>Least severe level that is logged.</summary>
    public LogEventLevel Level { get; set; } = LogEventLevel.Information;

    /// <summary>Number of daily files that are kept.</summary>
    [Range(1, 3650, ErrorMessage = "must be a number of days from 1 to 3650")]
    public int RetainedDays { get; set; } = 31;
}
