using Halley.Client.Agent.Jobs;

namespace Halley.Client.Agent.Running;

/// <summary>
/// The vendor's <c>LogLevel</c>: the severity from which on lines are logged, as its letter in the log (<c>D</c>, <c>I</c>, <c>W</c>,
/// <c>E</c>) or as a word. Empty logs everything.
/// </summary>
internal static class JobLogLevel
{
    public static bool TryParse(string text, out JobSeverity least)
    {
        JobSeverity? known = text.ToUpperInvariant() switch
        {
            "" or "D" or "DEBUG" => JobSeverity.Debug,
            "I" or "INFO" => JobSeverity.Info,
            "W" or "WARN" or "WARNING" => JobSeverity.Warning,
            "E" or "ERROR" => JobSeverity.Error,
            _ => null,
        };
        least = known ?? JobSeverity.Debug;
        return known is not null;
    }
}
