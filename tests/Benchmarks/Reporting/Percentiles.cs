namespace Halley.Benchmarks.Reporting;

internal static class Percentiles
{
    /// <summary>The value that a part of all values does not exceed: 0.5 for the median, 0.99 for all but the worst of a hundred.</summary>
    public static double Percentile(this IReadOnlyCollection<double> values, double part) =>
        values.Order().ElementAt(Math.Max(0, (int)Math.Ceiling(values.Count * part) - 1));
}
