using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Halley.Protocol;
using Halley.Testing;

namespace Halley.Server.Tests.Hosting;

/// <summary>A request that does not fit is refused, and the answer names field or parameter, value, and what is allowed.</summary>
public sealed class StrictRequestTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [InlineData("/api/v2/buckets", """{"name":"abc"}""", "unknown_field", "There is no field name here. It takes id, label,")]
    [InlineData("/api/v2/buckets", """{"holdDay":3}""", "unknown_field", "no field holdDay")]
    [InlineData("/api/v2/buckets", """{"holdDays":"three"}""", "bad_request",
        "The field holdDays must be a whole number; \"three\" is not.")]
    [InlineData("/api/v2/buckets", """{"label":"x",}""", "bad_request", "The body is not JSON:")]
    [InlineData("/api/v2/buckets", "[]", "bad_request", "The body must be an object; [] is not.")]
    [InlineData("/api/v2/bandwidth-limits", """{"bytesPerSecond":5000,"direction":"sideways"}""", "bad_request",
        "The field direction must be one of both, upload, download; \"sideways\" is not.")]
    [InlineData("/api/v2/bandwidth-limits", """{"bytesPerSecond":1,"schedule":{"timeZone":"UTC","days":["Someday"]}}""", "bad_request",
        "must be one of sunday, monday")]
    [InlineData("/api/v2/sessions", """{"username":"alice","password":17}""", "bad_request", "The field password must be text.")]
    public async Task Field_that_does_not_fit_is_named_with_its_value_and_what_is_allowed(
        string address, string body, string code, string detail)
    {
        var host = await servers.StartAsync();
        using var alice = await host.SignInAsync();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await alice.PostAsync(new Uri(address, UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(code, problem["code"]!.GetValue<string>());
        Assert.Contains(detail, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v2/buckets?limt=5", "unknown_parameter", "There is no parameter limt here. It takes after, limit")]
    [InlineData("/api/v2/volumes?limit=5", "unknown_parameter", "takes none")]
    [InlineData("/api/v2/buckets?limit=many", "bad_request", "limit must be a whole number; many is not.")]
    [InlineData("/api/v2/buckets?limit=0", "limit_invalid", "limit must be from 1 to 1000")]
    [InlineData("/api/v2/volumes/abc", "bad_request", "volumeId must be a GUID")]
    public async Task Parameter_that_does_not_fit_is_named_with_what_is_allowed(string address, string code, string detail)
    {
        var host = await servers.StartAsync();
        using var alice = await host.SignInAsync();
        using var answer = await alice.GetAsync(new Uri(address, UriKind.Relative));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(code, problem["code"]!.GetValue<string>());
        Assert.Contains(detail, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Upload")]
    [InlineData("UPLOAD")]
    public async Task Words_are_taken_in_any_case(string direction)
    {
        var host = await servers.StartAsync();
        using var alice = await host.SignInAsync();
        using var content = new StringContent(
            $$$"""
            {"bytesPerSecond":5000,"network":"10.9.0.0/16","direction":"{{{direction}}}",
             "schedule":{"timeZone":"UTC","days":["MONDAY","Friday"]}}
            """,
            Encoding.UTF8, "application/json");
        using var answer = await alice.PostAsync(new Uri("/api/v2/bandwidth-limits", UriKind.Relative), content);

        var made = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.True(answer.StatusCode == HttpStatusCode.Created, made.ToJsonString());
        Assert.Equal("upload", made["direction"]!.GetValue<string>());
        await alice.DeleteAsync(answer.Headers.Location);
    }
}
