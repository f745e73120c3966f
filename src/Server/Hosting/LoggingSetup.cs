using System.Globalization;
using Serilog;
using Serilog.Events;

namespace Halley.Server.Hosting;

internal static class LoggingSetup
{
    private const string Template = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} [{Level:u3}] {SourceContext} {Message:lj}{NewLine}{Exception}";

    public static void AddServerLog(this WebApplicationBuilder builder, DataDirectory directory)
    {
        var options = builder.AddOptionsOf<LoggingOptions>("Logging");
        var files = new LogSink(directory.Logs, Template, options);
        builder.Services.AddSingleton(_ => files);
        var log = new LoggerConfiguration()
            .MinimumLevel.Is(options.Level)
            // The framework's own request lines contain query strings; ours don't.
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.AspNetCore.Hosting.Diagnostics", LogEventLevel.Error)
            // It warns at every first start that its keys are not encrypted; the directory's mode protects them.
            .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection", LogEventLevel.Error)
            // Failed commands also throw. Logged here, they would include expected failures such as a name that is taken.
            .MinimumLevel.Override("Microsoft.EntityFrameworkCore", LogEventLevel.Fatal)
            // It writes a stack trace for each malformed message of a device; ours is one line.
            .MinimumLevel.Override("Microsoft.AspNetCore.SignalR.HubConnectionHandler", LogEventLevel.Fatal)
            // It logs that the start failed and throws the same exception, which becomes one line for the operator.
            .Filter.ByExcluding(line => line.MessageTemplate.Text == "Hosting failed to start")
            .Enrich.With<ShortLogTexts>()
            .WriteTo.Console(formatProvider: CultureInfo.InvariantCulture, outputTemplate: Template)
            .WriteTo.Sink(files)
            .CreateLogger();
        // Uses the framework's factory, which keeps one logger for each category. Serilog's own factory creates a new logger on each call,
        // and every connection of a device makes several calls.
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddSerilog(log, dispose: true);
    }
}
