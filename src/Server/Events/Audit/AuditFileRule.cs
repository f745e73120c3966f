using Halley.Protocol.Settings;
using Halley.Server.Settings;

namespace Halley.Server.Events.Audit;

/// <summary>Rejects audit files that could not be written, on every surface that sets them.</summary>
internal sealed class AuditFileRule : SettingsRule
{
    private const string ServerLog = "halley";

    public override string? Check(ServerConfigOptions options) =>
        options.AuditFileOptions.Select(entry => ProblemWith(entry.Key, entry.Value)).FirstOrDefault(reason => reason is not null);

    public override IEnumerable<string> Reduce(ServerConfigOptions options)
    {
        foreach (var (name, file) in options.AuditFileOptions.ToList())
        {
            if (ProblemWith(name, file) is { } reason)
            {
                options.AuditFileOptions.Remove(name);
                yield return reason;
            }
        }
    }

    private static string? ProblemWith(string name, FileOption file) => file switch
    {
        _ when !IsName(file.Filename) =>
            $"Audit file {name}: Filename must be 1 to 100 letters, digits, '-' and '_', and not '{ServerLog}', the server's own log.",
        { Level: not ("" or "full" or "none") } => $"Audit file {name}: Level must be full or none.",
        _ => null,
    };

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 100 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')
        && name is not ServerLog;
}
