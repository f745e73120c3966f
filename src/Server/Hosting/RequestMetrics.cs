using System.Diagnostics.Metrics;
using Halley.Protocol;

namespace Halley.Server.Hosting;

/// <summary>Counts and times the requests of each surface. No tag has a name or an address: they are private, and too many.</summary>
internal sealed class RequestMetrics
{
    public const string MeterName = "Halley.Server";

    private static readonly (PathString Path, string Name)[] Surfaces =
    [
        (Routes.Vault, "vault"), (Routes.CometApi, "v1"), (Routes.Api, "v2"), (Routes.Live, "live"), (Routes.Health, "operation"),
        (Routes.Ready, "operation"), (Routes.Metrics, "operation"), ("/swagger", "documents"),
    ];

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _bytes;

    public RequestMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _duration = meter.CreateHistogram(
            "halley.requests.duration", "s", "How long requests took, by surface and outcome.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600] });
        _bytes = meter.CreateCounter<long>(
            "halley.requests.io", "By", "Bytes of the bodies of requests (in) and answers (out), by surface.");
    }

    public void Done(HttpContext context, TimeSpan took, long received, long sent)
    {
        var surface = new KeyValuePair<string, object?>("surface", SurfaceOf(context.Request.Path));
        _duration.Record(took.TotalSeconds, surface, new("outcome", OutcomeOf(context.Response.StatusCode)));
        _bytes.Add(received, surface, new("direction", "in"));
        _bytes.Add(sent, surface, new("direction", "out"));
    }

    private static string SurfaceOf(PathString path)
    {
        foreach (var surface in Surfaces)
        {
            if (RequestPaths.IsBelow(path, surface.Path))
            {
                return surface.Name;
            }
        }

        return "pages";
    }

    private static string OutcomeOf(int status) => status switch
    {
        < 400 => "success",
        < 500 => "refused",
        _ => "failed",
    };
}
