using Serilog.Core;
using Serilog.Events;

namespace Halley.Server.Hosting;

/// <summary>Cuts long texts in log lines, since many of them are words of clients: paths, methods, names.</summary>
internal sealed class ShortLogTexts : ILogEventEnricher
{
    private const int Longest = 512;

    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        foreach (var (name, value) in logEvent.Properties)
        {
            if (value is ScalarValue { Value: string { Length: > Longest } text })
            {
                // The same key, so the loop may go on.
                logEvent.AddOrUpdateProperty(new LogEventProperty(name, new ScalarValue(text[..Longest] + "…")));
            }
        }
    }
}
