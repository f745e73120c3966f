using Halley.Server.CometApi.Calls;
using Halley.Server.CometApi.Transport;
using Halley.Testing;
using Microsoft.AspNetCore.Routing;

namespace Halley.Server.Tests.CometApi;

/// <summary>
/// Every call of the vendor's list is there, or in the table of those that are not built; nothing is in both, nothing in neither.
/// </summary>
public class CoverageTests
{
    [Fact]
    public async Task Every_call_of_the_vendor_is_answered_or_refused_with_a_reason()
    {
        await using var host = await ServerHost.StartAsync();
        var mapped = host.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.OfType<CometAudience>().Any())
            .ToLookup(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'),
                endpoint => endpoint.Metadata.OfType<CometAudience>().Single());
        var paths = VendorApi.Known.Endpoints.SelectMany(call => call.Aliases.Append(call.Path))
            .Where(path => path.StartsWith("/api/v1/", StringComparison.Ordinal));

        Assert.Equal([], paths.Where(path => !mapped[path].Any())); // neither mapped nor in UnsupportedCalls
        Assert.Equal([], mapped.Where(call => call.Count() > 1).Select(call => call.Key)); // both
        Assert.DoesNotContain(
            UnsupportedCalls.Reasons.Keys, call => VendorApi.Known.Endpoints.All(known => known.Path != $"/api/v1/{call}"));
    }

    [Fact]
    public async Task Calls_are_described_with_the_fields_of_the_vendor()
    {
        await using var host = await ServerHost.StartAsync();
        var vendor = VendorApi.Known.Endpoints.ToDictionary(call => call.Path);
        var described = host.Service<EndpointDataSource>().Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<CallDescription>())
            .OfType<CallDescription>().ToList();

        Assert.NotEmpty(described);
        Assert.All(described, call =>
        {
            var known = vendor[$"/api/v1/{call.Name}"];
            Assert.Equal(known.Parameters.Select(field => new CometField(field.Name, field.Encoding, field.Required)), call.Fields);
            Assert.Equal(known.Response == "raw bytes", call.IsRaw);
        });
    }
}
