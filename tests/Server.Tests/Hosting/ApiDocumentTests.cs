using System.Text.Json.Nodes;
using Halley.Testing;

namespace Halley.Server.Tests.Hosting;

/// <summary>The documents of both APIs against the copies in <c>docs/openapi</c>: whoever changes an API sees it in the review.</summary>
public class ApiDocumentTests
{
    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task Document_is_the_one_that_is_committed(string name)
    {
        await using var host = await ServerHost.StartAsync();
        var document = await host.Http.GetStringAsync(new Uri($"/swagger/{name}/swagger.json", UriKind.Relative));
        var committed = Path.Combine(Checkout.Root, "docs", "openapi", $"{name}.json");

        // To renew it: save what the server shows at this address.
        Assert.True(document.ReplaceLineEndings("\n").Trim() == (await File.ReadAllTextAsync(committed)).Trim(),
            $"{committed} is not what /swagger/{name}/swagger.json shows");
    }

    [Fact]
    public async Task Every_operation_of_our_own_has_id_summary_description_answers_and_described_parameters()
    {
        await using var host = await ServerHost.StartAsync();
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
}
