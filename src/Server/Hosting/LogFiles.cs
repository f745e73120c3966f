using System.Globalization;

namespace Halley.Server.Hosting;

/// <summary>The log files on disk, one a day.</summary>
internal sealed class LogFiles(DataDirectory directory)
{
    private const string Prefix = "halley-";
    private const string Suffix = ".log";

    /// <summary>The days that have a log, in order.</summary>
    public IReadOnlyList<DateOnly> Days() => Directory.Exists(directory.Logs)
        ? [.. Directory.EnumerateFiles(directory.Logs, Prefix + "*" + Suffix).Select(DayOf).OfType<DateOnly>().Distinct().Order()]
        : [];

    /// <summary>Opens the log of a day, which may still grow; null if there is none.</summary>
    public FileStream? Open(DateOnly day)
    {
        try
        {
            return new FileStream(
                Path.Combine(directory.Logs, NameOf(day)), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete,
                    64 * 1024, useAsync: true);
        }
        catch (IOException failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public static string NameOf(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{day:yyyyMMdd}{Suffix}");

    private static DateOnly? DayOf(string path) =>
        DateOnly.TryParseExact(
            Path.GetFileNameWithoutExtension(path)
                .AsSpan(Prefix.Length), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;
}
