using System.Net;
using System.Text.Json.Nodes;
using Halley.Testing;

namespace Halley.Server.Tests.Hosting;

/// <summary>The documents of both APIs against the copies in <c>docs/openapi</c>: whoever changes an API sees it in the review.</summary>
public class ApiDocumentTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task Document_is_the_one_that_is_committed(string name)
    {
        var host = await servers.StartAsync();
        var document = await host.Http.GetStringAsync(new Uri($"/swagger/{name}/swagger.json", UriKind.Relative));
        var committed = Path.Combine(Checkout.Root, "docs", "openapi", $"{name}.json");

        // To renew it: save what the server shows at this address.
        Assert.True(document.ReplaceLineEndings("\n").Trim() == (await File.ReadAllTextAsync(committed)).Trim(),
            $"{committed} is not what /swagger/{name}/swagger.json shows");
    }

    [Fact]
    public async Task Every_operation_of_our_own_has_id_summary_description_answers_and_described_parameters()
    {
        var host = await servers.StartAsync();
        var text = await host.Http.GetStringAsync(new Uri("/swagger/v2/swagger.json", UriKind.Relative));
        var operations = JsonNode.Parse(text)!["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(one => (Name: $"{one.Key} {path.Key}", Operation: one.Value!))).ToList();

        Assert.NotEmpty(operations);
        foreach (var part in new[] { "operationId", "summary", "description" })
        {
            Assert.Empty(operations
                .Where(one => string.IsNullOrWhiteSpace(one.Operation[part]?.GetValue<string>())).Select(one => one.Name));
        }

        Assert.Empty(operations.GroupBy(one => one.Operation["operationId"]!.GetValue<string>()).Where(group => group.Count() > 1)
            .Select(group => group.Key));
        Assert.Empty(operations.Where(one => one.Operation["responses"]!["default"] is null).Select(one => one.Name));
        Assert.Empty(operations
            .Where(one => one.Operation["parameters"]?.AsArray().Any(parameter => parameter!["description"] is null) == true)
            .Select(one => one.Name));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task Document_has_unique_ids_typed_fields_and_no_reference_that_leads_nowhere(string name)
    {
        var host = await servers.StartAsync();
        var text = await host.Http.GetStringAsync(new Uri($"/swagger/{name}/swagger.json", UriKind.Relative));
        Assert.DoesNotContain("Halley.Protocol.", text, StringComparison.Ordinal); // comments that refer to our own source
        var document = JsonNode.Parse(text)!;
        var nodes = Below(document).ToList();
        var schemas = document["components"]!["schemas"]!.AsObject().Select(schema => $"#/components/schemas/{schema.Key}").ToHashSet();
        var fields = nodes.OfType<JsonObject>().Where(node => node["type"] is JsonValue).Select(node => node["properties"])
            .OfType<JsonObject>().SelectMany(properties => properties);

        var ids = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject())
            .Select(operation => operation.Value!["operationId"]!.GetValue<string>()).ToList();
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Empty(nodes.OfType<JsonObject>().Where(node => node["$ref"] is JsonValue).Select(node => node["$ref"]!.GetValue<string>())
            .Except(schemas));
        Assert.DoesNotContain(fields, field => field.Value is JsonObject { Count: 0 });

        static IEnumerable<JsonNode> Below(JsonNode node) => (node switch
        {
            JsonObject all => all.Select(one => one.Value),
            JsonArray list => list,
            _ => [],
        }).OfType<JsonNode>().SelectMany(one => Below(one).Prepend(one));
    }

    [Fact]
    public async Task Page_of_the_documents_has_the_security_headers_of_pages()
    {
        var host = await servers.StartAsync();

        using var page = await host.Http.GetAsync(new Uri("/swagger/index.html", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("DENY", page.Headers.GetValues("X-Frame-Options").Single());
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        // The policy allows no inline script, so the page must not need one.
        Assert.DoesNotMatch("<script(?![^>]*src=)[^>]*>", await page.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Documents_can_be_switched_off()
    {
        var options = new ServerHostOptions();
        options.Settings["Halley:ApiDocuments:Enabled"] = "false";
        await using var host = await ServerHost.StartAsync(options);

        foreach (var path in new[] { "/swagger", "/swagger/index.html", "/swagger/v1/swagger.json", "/swagger/v2/swagger.json" })
        {
            using var answer = await host.Http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Browsers_are_told_to_keep_to_tls()
    {
        await using var host = await ServerHost.StartAsync();
        foreach (var (address, expected) in new[]
        {
            ("https://localhost/sign-in", "max-age=31536000"), ("https://localhost/api/v2/nothing", "max-age=31536000"),
            ("https://localhost/swagger/index.html", "max-age=31536000"), ("http://localhost/sign-in", null),
        })
        {
            using var answer = await host.Http.GetAsync(new Uri(address));

            var sent = answer.Headers.TryGetValues("Strict-Transport-Security", out var values) ? values.Single() : null;
            Assert.Equal((address, expected), (address, sent));
        }
    }
}
