using System.Globalization;
using Serilog;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;

namespace Halley.Server.Hosting;

/// <summary>The log files. They can be opened again, after a program such as logrotate has moved the one of today.</summary>
internal sealed class LogSink(string directory, string template, LoggingOptions options) : ILogEventSink, IDisposable
{
    private readonly Lock _gate = new();
    private Logger _files = Open(directory, template, options);

    public void Emit(LogEvent logEvent)
    {
        lock (_gate)
        {
            _files.Write(logEvent);
        }
    }

    public void Reopen()
    {
        lock (_gate)
        {
            // Closed first: a file that is still open could not be opened by its name again.
            Close();
            _files = Open(directory, template, options);
        }
    }

    public void Dispose() => Close();

    // The last lines may find no room; a server stops in order all the same, and its health has said that the disk is full.
    private void Close()
    {
        try
        {
            _files.Dispose();
        }
        catch (IOException error)
        {
            SelfLog.WriteLine("The last lines of the log could not be written: {0}", error.Message);
        }
    }

    private static Logger Open(string directory, string template, LoggingOptions options) => new LoggerConfiguration()
        .MinimumLevel.Verbose()
        .WriteTo.File(
            Path.Combine(directory, "halley-.log"),
            formatProvider: CultureInfo.InvariantCulture,
            outputTemplate: template,
            rollingInterval: RollingInterval.Day,
            retainedFileCountLimit: options.RetainedDays,
            fileSizeLimitBytes: options.FileBytes,
            rollOnFileSizeLimit: true)
        .CreateLogger();
}
