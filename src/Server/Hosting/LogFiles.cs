using System.Globalization;

namespace Halley.Server.Hosting;

/// <summary>The log files on disk: one a day, and more when it is full.</summary>
internal sealed class LogFiles(DataDirectory directory)
{
    private const string Prefix = "halley-";
    private const string Suffix = ".log";

    /// <summary>The days that have a log, in order.</summary>
    public IReadOnlyList<DateOnly> Days() => Directory.Exists(directory.Logs)
        ? [.. Directory.EnumerateFiles(directory.Logs, Prefix + "*" + Suffix).Select(DayOf).OfType<DateOnly>().Distinct().Order()]
        : [];

    /// <summary>Copies the log of a day, which may still grow. Files that are removed meanwhile are left out.</summary>
    public async Task CopyAsync(DateOnly day, Stream target, CancellationToken cancellationToken)
    {
        var pattern = Path.ChangeExtension(NameOf(day), null) + "*" + Suffix;
        foreach (var path in Directory.GetFiles(directory.Logs, pattern).Order(StringComparer.Ordinal))
        {
            try
            {
                await using var file = new FileStream(
                    path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024, useAsync: true);
                await file.CopyToAsync(target, cancellationToken);
            }
            catch (FileNotFoundException)
            {
                // Too old by now.
            }
        }
    }

    public static string NameOf(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{day:yyyyMMdd}{Suffix}");

    private static DateOnly? DayOf(string path) =>
        DateOnly.TryParseExact(
            Path.GetFileNameWithoutExtension(path)[Prefix.Length..].Split('_')[0],
            "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;
}
