using Halley.Protocol;
using Halley.Server.Hosting;
using Halley.Server.Instances;
using Halley.Server.Periodic;
using Halley.Storage;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Halley.Server.Metrics;

/// <summary>Numbers for monitoring, by the conventions of OpenTelemetry: read by Prometheus, or sent to a collector.</summary>
internal static class MetricsSetup
{
    private const string Runtime = "System.Runtime";

    // Memory is reserved for this many combinations of tags from the start. Only one gauge has one per account.
    private static readonly MetricStreamConfiguration FewSeries = new() { CardinalityLimit = 256 };

    public static void AddMetrics(this WebApplicationBuilder builder)
    {
        var options = builder.AddOptionsOf<MetricsOptions>("Metrics");
        if (!options.Enabled && options.OtlpEndpoint is null)
        {
            return;
        }

        builder.Services.AddSingleton<MetricsAccess>();
        builder.Services.AddHostedService<StateGauges>();
        builder.Services.AddPeriodicWork<StateCollection>(
            "metrics", RunsAt.EveryInstance, TimeSpan.FromSeconds(30), (work, token) => work.RunOnceAsync(token));
        builder.Services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.ConfigureResource(resource => resource.AddService("halley", serviceVersion: CommandLine.Version));
            metrics.AddMeter(RequestMetrics.MeterName, MeteredBlobStore.MeterName, Runtime);
            metrics.AddView(instrument => instrument.Name == StateGauges.LastGoodBackup ? null : FewSeries);
            if (options.Enabled)
            {
                metrics.AddPrometheusExporter();
            }

            if (options.OtlpEndpoint is { } collector)
            {
                metrics.AddOtlpExporter(exporter =>
                {
                    exporter.Endpoint = new Uri(collector);
                    exporter.Protocol = options.SendsOverHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
                });
            }
        });
    }

    public static void MapMetrics(this WebApplication app)
    {
        if (app.Services.GetRequiredService<MetricsOptions>().Enabled)
        {
            app.MapPrometheusScrapingEndpoint(
                Routes.Metrics, meterProvider: null,
                branch => branch.Use(app.Services.GetRequiredService<MetricsAccess>().CheckAsync), optionsName: null)
                .AllowAnonymous(); // MetricsAccess checks
        }
    }
}
