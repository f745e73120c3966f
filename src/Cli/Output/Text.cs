using Halley.Client.Repository;
using Halley.Client.Repository.Trees;

namespace Halley.Cli.Output;

/// <summary>Numbers, times and permissions as people read them.</summary>
internal static class Text
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    public static string Bytes(ulong bytes) => Bytes((long)Math.Min(bytes, long.MaxValue));

    public static string Bytes(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1024 && unit < Units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return unit == 0 ? $"{bytes} B"
            : value < 9.995 ? $"{value:0.00} {Units[unit]}"
            : value < 99.95 ? $"{value:0.0} {Units[unit]}"
            : $"{value:0} {Units[unit]}";
    }

    public static string Duration(TimeSpan time) => time.TotalHours >= 1
        ? $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}"
        : $"{time.Minutes}:{time.Seconds:00}";

    public static string Count(ulong count, string one, string many) => count == 1 ? $"1 {one}" : $"{count} {many}";

    /// <summary>A count, and for none of them what to do next.</summary>
    public static string CountOrHint(int count, string one, string many, string hint) =>
        count == 0 ? $"0 {many}. {hint}." : Count((ulong)count, one, many);

    /// <summary>In the zone of the machine that wrote it.</summary>
    public static string Time(VaultTime time) => $"{time.ToDateTimeOffset():yyyy-MM-dd HH:mm:ss}";

    /// <summary>As Go writes modes, which is what restic shows.</summary>
    public static string Permissions(Node node)
    {
        const string Types = "dalTLDpSugct?"; // from the highest bit on
        const string Rights = "rwxrwxrwx";
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < Types.Length; i++)
        {
            if ((node.Mode & (1u << (31 - i))) != 0)
            {
                text.Append(Types[i]);
            }
        }

        if (text.Length == 0)
        {
            text.Append('-');
        }

        for (var i = 0; i < Rights.Length; i++)
        {
            text.Append((node.Mode & (1u << (8 - i))) != 0 ? Rights[i] : '-');
        }

        return text.ToString();
    }
}
