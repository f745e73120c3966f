using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Halley.Protocol;
using Halley.Server.Metrics;
using Halley.Server.Tests.StorageRole;
using Halley.Storage;
using Halley.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Metrics;

namespace Halley.Server.Tests.Hosting;

/// <summary>What monitoring reads: the numbers are those of the documentation, and only who may see them does.</summary>
public sealed partial class MetricsTests
{
    private const string Token = "0123456789abcdef-token";

    [Fact]
    public async Task Metrics_of_the_documentation_rules_and_dashboard_are_those_that_are_exported()
    {
        await using var host = await BucketHost.StartAsync(new ServerHostOptions { Kestrel = true });
        Assert.True((await host.Vault.PostAsync(host.Url("?create=true"), null)).IsSuccessStatusCode);
        var blob = TestBlob.Of(BlobType.Data, 1000, seed: 1);
        await host.OpenVault().PutAsync(blob.Name, new MemoryStream(blob.Content), blob.Content.Length, default);
        await host.Vault.GetAsync(host.Url("data/"));
        await host.Server.Service<StateCollection>().RunOnceAsync(default);
        var instruments = Published();

        var documented = Name().Matches(await File.ReadAllTextAsync(Checkout.PathOf("docs/operations/metrics.md")))
            .Select(match => match.Groups[1].Value).Distinct();
        Assert.Equal(instruments.Keys.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));

        var exported = instruments.Values.SelectMany(OfPrometheus).ToHashSet(StringComparer.Ordinal);
        var scraped = await host.Server.Http.GetStringAsync(new Uri(Routes.Metrics, UriKind.Relative));
        var seen = TypeLine().Matches(scraped).Select(match => match.Groups[1].Value).ToList();
        Assert.Contains("halley_storage_volume_free_bytes", seen);
        Assert.Contains("halley_requests_duration_seconds", seen);
        Assert.Contains("halley_storage_bytes_total", seen);
        Assert.Contains("halley_health_failed", seen);
        Assert.Empty(seen.Except(exported));
        foreach (var file in new[] { "halley.rules.yml", "halley-dashboard.json" })
        {
            var used = PrometheusName().Matches(await File.ReadAllTextAsync(Checkout.PathOf($"deploy/monitoring/{file}")))
                .Select(match => match.Value);
            Assert.Empty(used.Except(exported).Distinct());
        }
    }

    [Theory]
    [InlineData(null, null, HttpStatusCode.OK)] // a program on this machine
    [InlineData("X-Forwarded-For", "203.0.113.9", HttpStatusCode.Unauthorized)] // through a proxy on this machine
    [InlineData("Authorization", "Bearer wrong-wrong-wrong", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "Bearer " + Token, HttpStatusCode.OK)]
    public async Task Metrics_are_for_this_machine_and_for_the_token(string? header, string? value, HttpStatusCode status)
    {
        await using var host = await ServerHost.StartAsync(
            new ServerHostOptions { Kestrel = true, Settings = { ["Halley:Metrics:Token"] = Token } });
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.Metrics);
        request.Headers.TryAddWithoutValidation(header ?? "X-Nothing", value ?? "");
        if (header == "Authorization")
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", "203.0.113.9");
        }

        using var answer = await host.Http.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(status == HttpStatusCode.OK, (await answer.Content.ReadAsStringAsync()).Contains("# TYPE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_can_be_switched_off()
    {
        await using var host = await ServerHost.StartAsync(new ServerHostOptions { Settings = { ["Halley:Metrics:Enabled"] = "false" } });
        Assert.Equal(HttpStatusCode.NotFound, (await host.Http.GetAsync(new Uri(Routes.Metrics, UriKind.Relative))).StatusCode);
    }

    [Theory]
    [InlineData("", HttpProtocols.Http2, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")]
    [InlineData("v1/metrics", HttpProtocols.Http1, "/v1/metrics")]
    public async Task Collector_gets_the_numbers_over_grpc_or_http(string path, HttpProtocols protocols, string asked)
    {
        var (paths, text) = (new ConcurrentQueue<string>(), new StringBuilder());
        await using var collector = await HttpPeer.StartAsync(
            async context =>
            {
                paths.Enqueue(context.Request.Path);
                using var reader = new StreamReader(context.Request.Body, Encoding.Latin1);
                text.Append(await reader.ReadToEndAsync());
                context.Response.ContentType = context.Request.ContentType;
                if (protocols == HttpProtocols.Http2)
                {
                    context.Response.AppendTrailer("grpc-status", "0");
                    await context.Response.Body.WriteAsync(new byte[5]); // an empty message
                }
            },
            protocols);
        await using var host = await ServerHost.StartAsync(new ServerHostOptions
        {
            Settings =
            {
                ["Halley:Metrics:Enabled"] = "false", // of /metrics, which is another way to the same numbers
                ["Halley:Metrics:OtlpEndpoint"] = $"{collector.Address}{path}",
            },
        });
        await host.Service<StateCollection>().RunOnceAsync(default);

        Assert.True(host.Service<MeterProvider>().ForceFlush(30_000));

        Assert.Equal(asked, Assert.Single(paths.Distinct()));
        Assert.Contains("halley.storage.corrupt_files", text.ToString(), StringComparison.Ordinal);
    }

    private static Dictionary<string, Instrument> Published()
    {
        var found = new Dictionary<string, Instrument>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Name.StartsWith("halley.", StringComparison.Ordinal))
                {
                    found[instrument.Name] = instrument;
                }
            },
        };
        listener.Start();
        return found;
    }

    // The names that Prometheus gives: the unit, unless it is in braces or is there already, then what the kind adds.
    private static IEnumerable<string> OfPrometheus(Instrument instrument)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        var name = instrument.Name.Replace('.', '_');
        name = name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit;
        return instrument switch
        {
            Histogram<double> => [name, $"{name}_bucket", $"{name}_count", $"{name}_sum"],
            _ when instrument.GetType().Name.Contains("Counter", StringComparison.Ordinal) => [$"{name}_total"],
            _ => [name],
        };
    }

    [GeneratedRegex(@"`(halley\.[a-z_.]+)`")]
    private static partial Regex Name();

    [GeneratedRegex("^# TYPE (halley_[a-z_]+) ", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex("halley_[a-z_]+")]
    private static partial Regex PrometheusName();
}
