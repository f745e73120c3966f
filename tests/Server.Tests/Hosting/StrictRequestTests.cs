using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Halley.Protocol;
using Halley.Testing;

namespace Halley.Server.Tests.Hosting;

/// <summary>A request that does not fit is refused, and the answer names field or parameter, value, and what is allowed.</summary>
public sealed partial class StrictRequestTests(SharedServers servers) : IClassFixture<SharedServers>
{
    private static readonly JavaScriptEncoder Relaxed = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

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

    /// <summary>Every parameter of our own API that is no text: a number, a GUID, a day, true or false, or one of some words.</summary>
    [Fact]
    public async Task Parameter_of_every_address_is_refused_with_its_name_its_value_and_what_is_allowed()
    {
        var host = await servers.StartAsync();
        using var alice = await host.SignInAsync();
        var tried = 0;
        foreach (var (method, path, operation) in await OperationsAsync())
        {
            foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
            {
                var name = parameter!["name"]!.GetValue<string>();
                var type = parameter["schema"]!.AsObject();
                var isText = type["type"]?.GetValue<string>() == "string" && type["format"] is null;
                // Those of backup users stand behind another session and are read in the same way.
                if (isText || path.StartsWith("/api/v2/user/", StringComparison.Ordinal) || parameter["in"]!.GetValue<string>() != "query")
                {
                    continue;
                }

                var address = $"{Id().Replace(path, Guid.Empty.ToString())}?{name}=0x";
                using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(address, UriKind.Relative));
                using var answer = await alice.SendAsync(request);
                var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
                Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{method} {address}: {problem.ToJsonString()}");
                Assert.Matches($"^{name} must be .+; 0x is not.$", problem["detail"]!.GetValue<string>());
                tried++;
            }
        }

        Assert.InRange(tried, 30, int.MaxValue);
    }

    /// <summary>Every field of a body that takes one of some words.</summary>
    [Fact]
    public async Task Word_in_a_body_of_every_address_is_taken_in_any_case_and_other_values_are_refused_by_name()
    {
        var host = await servers.StartAsync();
        using var alice = await host.SignInAsync();
        var tried = 0;
        foreach (var (method, path, operation) in await OperationsAsync())
        {
            if (operation["requestBody"]?["content"]?["application/json"]?["schema"] is not { } schema)
            {
                continue;
            }

            foreach (var (name, words) in await WordsAsync(schema))
            {
                foreach (var (value, isWord) in new[]
                {
                    ("\"neither\"", false), ("0", false), ("99", false), ($"\"{words[0].ToUpperInvariant()}\"", true),
                })
                {
                    var address = Id().Replace(path, Guid.Empty.ToString());
                    using var content = new StringContent($$"""{"{{name}}":{{value}}}""", Encoding.UTF8, "application/json");
                    using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(address, UriKind.Relative));
                    request.Content = content;
                    using var answer = await alice.SendAsync(request);
                    var text = await answer.Content.ReadAsStringAsync();
                    var refused = $"The field {name} must be one of {string.Join(", ", words)}; {value} is not.";
                    Assert.True(
                        (isWord || answer.StatusCode == HttpStatusCode.BadRequest)
                        && text.Contains(JsonEncodedText.Encode(refused, Relaxed).Value, StringComparison.Ordinal) != isWord,
                        $"{method} {address} {name} = {value}: {text}");
                    tried++;
                }
            }
        }

        Assert.InRange(tried, 20, int.MaxValue);
    }

    [Theory]
    [InlineData("/api/v2/scrub-findings?state=HEALED", null)]
    [InlineData("/api/v2/scrub-findings?state=1", "state must be one of open, healed, dismissed; 1 is not.")]
    [InlineData("/api/v2/scrub-findings?state=", null)]
    [InlineData("/api/v2/tasks?kind=Drain", null)]
    [InlineData("/api/v2/buckets?limit=", null)]
    [InlineData("/api/v2/tasks?kind=drian", "kind must be one of ")]
    [InlineData("/api/v2/buckets?limit=2000", "limit must be from 1 to 1000; 2000 is not.")]
    public async Task Word_in_an_address_is_taken_in_any_case_and_others_are_refused_with_the_allowed_ones(string address, string? refusal)
    {
        var host = await servers.StartAsync();
        using var alice = await host.SignInAsync();
        using var answer = await alice.GetAsync(new Uri(address, UriKind.Relative));

        Assert.Equal(refusal is null ? HttpStatusCode.OK : HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(refusal ?? "items", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<JsonNode> DocumentAsync() =>
        JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "docs", "openapi", "v2.json")))!;

    private static async Task<IEnumerable<(string Method, string Path, JsonNode Operation)>> OperationsAsync() =>
        (await DocumentAsync())["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(one => (one.Key.ToUpperInvariant(), path.Key, one.Value!)));

    // The fields of a body itself; a field of a field is read by the same code.
    private static async Task<IEnumerable<(string Name, List<string> Words)>> WordsAsync(JsonNode schema)
    {
        var schemas = (await DocumentAsync())["components"]!["schemas"]!;
        return (Named(schema)["properties"]?.AsObject() ?? []).Select(field => (field.Key, Words: WordsOf(field.Value!)))
            .Where(field => field.Words.Count > 0);

        JsonNode Named(JsonNode one) => one["$ref"] is { } reference ? schemas[reference.GetValue<string>().Split('/')[^1]]! : one;

        List<string> WordsOf(JsonNode field) => (Named(field["allOf"]?[0] ?? field["oneOf"]?[0] ?? field)["enum"]?.AsArray() ?? [])
            .Where(one => one!.GetValueKind() == JsonValueKind.String).Select(one => one!.GetValue<string>()).ToList();
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Id();
}
