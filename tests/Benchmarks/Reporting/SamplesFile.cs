using System.Text.Json;

namespace Halley.Benchmarks.Reporting;

/// <summary>Every sample as JSON, for comparing runs.</summary>
internal static class SamplesFile
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static async Task WriteAsync(Samples samples, string path, CancellationToken cancellationToken)
    {
        var figures =
            from figure in samples.Figures
            from server in samples.Servers
            let values = samples.Of(figure.Figure, server)
            where values.Count > 0
            select new { figure.Figure, figure.Unit, Server = server, Median = samples.MedianOf(figure.Figure, server), Samples = values };
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, new { Environment.ProcessorCount, Figures = figures }, Indented, cancellationToken);
    }
}
