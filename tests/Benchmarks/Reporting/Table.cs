using System.Globalization;
using Halley.Benchmarks.Peers;

namespace Halley.Benchmarks.Reporting;

/// <summary>The result as a Markdown table: medians, this server's ratios to its peers, and whether each target is reached.</summary>
internal static class Table
{
    public static void Write(Samples samples, TextWriter output)
    {
        string[] header =
        [
            "", "unit", .. samples.Servers, "÷ nginx", "target", "÷ rclone", "target", "itself", "2 volumes ÷ 1",
        ];
        var rows = samples.Figures.Select(figure => Row(samples, figure.Figure, figure.Unit)).Prepend(header).ToList();
        var widths = header.Select((_, column) => rows.Max(row => row[column].Length)).ToList();
        output.WriteLine();
        foreach (var (number, row) in rows.Index())
        {
            var cells = row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            output.WriteLine($"| {string.Join(" | ", cells)} |");
            if (number == 0)
            {
                output.WriteLine(
                    $"|{string.Join("|", widths.Select((width, column) => new string('-', width + 1) + (column == 0 ? "-" : ":")))}|");
            }
        }
    }

    private static string[] Row(Samples samples, string figure, string unit)
    {
        var targets = Targets.Of(figure);
        var againstNginx = samples.RatioOf(figure, HalleyPeer.OneVolume, NginxPeer.PeerName);
        var againstRclone = samples.RatioOf(figure, HalleyPeer.OneVolume, RclonePeer.PeerName);
        return
        [
            figure,
            unit,
            .. samples.Servers.Select(server => Format(samples.MedianOf(figure, server))),
            Format(againstNginx),
            Verdict(targets.AgainstNginx, againstNginx),
            Format(againstRclone),
            Verdict(targets.AgainstRclone, againstRclone),
            Verdict(targets.Itself, samples.MedianOf(figure, HalleyPeer.OneVolume)),
            Format(samples.RatioOf(figure, HalleyPeer.TwoVolumes, HalleyPeer.OneVolume)),
        ];
    }

    private static string Format(double? value) => value switch
    {
        null => "",
        < 100 => value.Value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
    };

    private static string Verdict(Bound? bound, double? measured) => (bound, measured) switch
    {
        (null, _) => "",
        ({ } target, null) => $"{target}",
        ({ } target, { } value) => $"{target} {(target.IsKeptBy(value) ? "reached" : "MISSED")}",
    };
}
