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
}
