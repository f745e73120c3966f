using System.Globalization;
using Halley.Benchmarks.Reporting;

namespace Halley.Benchmarks.Client;

/// <summary>The result as a Markdown table: medians, the ratio to restic's, and whether the target is reached.</summary>
internal static class ClientTable
{
    private static readonly (string Figure, double Most)[] Targets =
    [
        ($"{ClientBenchmark.Unverified}, CPU", 0.5), ($"{ClientBenchmark.Unverified}, wall", 0.6),
        ($"{ClientBenchmark.Unverified}, peak memory", 1), ($"{ClientBenchmark.Verified}, CPU", 0.65),
        ($"{ClientBenchmark.Verified}, peak memory", 1), ($"{ClientBenchmark.Second}, CPU", 0.4), ($"{ClientBenchmark.Second}, wall", 0.5),
        ($"{ClientBenchmark.Check}, CPU", 0.5), ($"{ClientBenchmark.Restore}, CPU", 0.5), ($"{ClientBenchmark.Restore}, wall", 0.65),
        ($"{ClientBenchmark.Start}, CPU", 1), ($"{ClientBenchmark.Start}, wall", 1),
    ];

    public static void Write(Samples samples, TextWriter output)
    {
        var (own, peer) = (samples.Servers[0], samples.Servers[1]);
        output.WriteLine($"\n| | unit | {own} | {peer} | ratio | target | |\n|---|---|--:|--:|--:|--:|---|");
        foreach (var (figure, unit) in samples.Figures)
        {
            var ratio = samples.RatioOf(figure, own, peer);
            var target = Targets.Where(target => figure.EndsWith(target.Figure, StringComparison.Ordinal))
                .Select(target => (Bound?)new Bound(target.Most, IsUpper: true)).FirstOrDefault();
            var verdict = target is { } bound && ratio is { } value ? bound.IsKeptBy(value) ? "reached" : "MISSED" : "";
            output.WriteLine(
                $"| {figure} | {unit} | {Text(samples.MedianOf(figure, own))} | {Text(samples.MedianOf(figure, peer))} | {Text(ratio)} "
                + $"| {target} | {verdict} |");
        }
    }

    private static string Text(double? value) =>
        value is { } number ? number.ToString(number < 100 ? "0.00" : "0", CultureInfo.InvariantCulture) : "";
}
