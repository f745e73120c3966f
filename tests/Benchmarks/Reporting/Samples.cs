namespace Halley.Benchmarks.Reporting;

/// <summary>Everything that was measured: per figure and server one value per round.</summary>
internal sealed class Samples(IReadOnlyList<string> servers)
{
    private readonly Dictionary<(string Figure, string Server), List<double>> _values = [];
    private readonly List<(string Figure, string Unit)> _figures = [];

    public IReadOnlyList<string> Servers => servers;

    public IReadOnlyList<(string Figure, string Unit)> Figures => _figures;

    public void Add(string figure, string unit, string server, double value)
    {
        if (!_figures.Contains((figure, unit)))
        {
            _figures.Add((figure, unit));
        }

        if (!_values.TryGetValue((figure, server), out var values))
        {
            _values[(figure, server)] = values = [];
        }

        values.Add(value);
    }

    public IReadOnlyList<double> Of(string figure, string server) => _values.GetValueOrDefault((figure, server), []);

    public double? MedianOf(string figure, string server) => Median(Of(figure, server));

    /// <summary>Median of the rounds' ratios, which a slow minute of the machine disturbs less than a ratio of medians.</summary>
    public double? RatioOf(string figure, string server, string peer) =>
        Median([.. Of(figure, server).Zip(Of(figure, peer), (own, other) => own / other)]);

    private static double? Median(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
        {
            return null;
        }

        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
