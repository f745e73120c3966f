using System.Globalization;

namespace Halley.Server.AdminWeb.Browser;

/// <summary>Numbers for people, in the binary units that file systems and restic use.</summary>
internal static class Sizes
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    public static string Text(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (Math.Abs(value) >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        var format = unit == 0 || value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00";
        return string.Create(CultureInfo.InvariantCulture, $"{value.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}");
    }

    public static string Exact(long bytes) => $"{Count(bytes)} bytes";

    // A thin space between thousands is understood in every language.
    public static string Count(long number) => number.ToString("#,0", Grouping);

    public static string Files(long number) => number == 1 ? "1 file" : $"{Count(number)} files";

    private static readonly NumberFormatInfo Grouping = new() { NumberGroupSeparator = "\u202f" };
}
