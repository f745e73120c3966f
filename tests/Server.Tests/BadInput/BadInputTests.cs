using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.CometApi.Transport;
using Halley.Server.Tests.CometApi;
using Halley.Testing;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Halley.Server.Tests.BadInput;

/// <summary>
/// Thousands of wrong requests to every endpoint of both APIs: each gets a clear answer, none a 500, and afterwards the server works.
/// </summary>
public class BadInputTests
{
    private const int Seed = 20261123;
    private const int TriesOfACall = 8;
    private const int TriesOfAnEndpoint = 12;

    // These end the server, or the credentials by which the others are tried.
    private static readonly string[] LeftOut = ["admin/meta/restart-service", "admin/meta/shutdown-service"];

    [Theory]
    [DatabaseData]
    public async Task Calls_of_the_vendor_are_answered_whatever_they_are_given(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        var nonsense = new Nonsense(Seed, await PlausibleAsync(host));
        var calls = Endpoints(host, Routes.CometApi + "/").Select(endpoint => endpoint.Metadata.GetMetadata<CallDescription>())
            .OfType<CallDescription>()
            .Where(call => !LeftOut.Contains(call.Name))
            .ToList();
        Assert.NotEmpty(calls);

        foreach (var call in calls)
        {
            for (var i = 0; i < TriesOfACall; i++)
            {
                var body = Form(call, nonsense);
                using var content = nonsense.Chance(3)
                    ? new ByteArrayContent(nonsense.Bytes())
                    : new ByteArrayContent(Encoding.UTF8.GetBytes(body));
                content.Headers.TryAddWithoutValidation(
                    "Content-Type", nonsense.Chance(95) ? "application/x-www-form-urlencoded" : "application/json");
                using var answer = await host.Http.PostAsync(new Uri($"{Routes.CometApi}/{call.Name}", UriKind.Relative), content);
                var text = await answer.Content.ReadAsStringAsync();
                var isFitting = answer.StatusCode == HttpStatusCode.OK || call.IsRaw;
                Assert.True(isFitting && !IsServerError(text),
                    $"{call.Name} {body}\n→ {(int)answer.StatusCode} {text}");
            }
        }

        await AssertWorksAsync(host);
    }

    [Theory]
    [DatabaseData]
    public async Task Endpoints_of_our_own_are_answered_whatever_they_are_given(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        var nonsense = new Nonsense(Seed, await PlausibleAsync(host));
        var json = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        await ForgiveAsync(host);
        foreach (var endpoint in Endpoints(host, Routes.Api + "/")
            // it never ends
            .Where(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is not null
                && "/" + endpoint.RoutePattern.RawText!.TrimStart('/') != Routes.EventStream))
        {
            var body = endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
            using var signedIn = await host.SignInAsync(); // anew, because the one before may have ended its own session
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods)
            {
                for (var i = 0; i < TriesOfAnEndpoint; i++)
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), Address(endpoint, nonsense));
                    if (body is not null)
                    {
                        request.Content = new StringContent(nonsense.Spoil(Nonsense.Default(body, json)), Encoding.UTF8,
                            nonsense.Chance(95) ? "application/json" : "text/plain");
                    }

                    if (nonsense.Chance(20))
                    {
                        request.Headers.TryAddWithoutValidation(
                            nonsense.OneOf(["If-Match", "Idempotency-Key", "Range", "Accept"]), nonsense.Text());
                    }

                    var client = nonsense.Chance(90) ? signedIn : host.Http;
                    using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                    var sent = request.Content is null ? "" : await request.Content.ReadAsStringAsync();
                    Assert.True(
                        (int)answer.StatusCode < 500,
                        $"{method} {request.RequestUri}\n{sent}\n→ {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                    if ((int)answer.StatusCode >= 400 && method != "HEAD")
                    {
                        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
                        Assert.NotEmpty(
                            JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString()!);
                    }
                }
            }
        }

        await AssertWorksAsync(host);
    }

    private static string Form(CallDescription call, Nonsense nonsense)
    {
        var fields = new List<(string Name, string Value)>
        {
            (CometCredentials.Username, ServerHost.Username),
            (CometCredentials.AuthType, nonsense.Chance(95) ? "Password" : nonsense.Text()),
            (CometCredentials.Password, nonsense.Chance(97) ? ServerHost.Password : nonsense.Text()),
        };
        // Nothing may replace the credentials of the administrator who asks.
        fields.AddRange(call.Fields.Where(parameter => parameter.IsRequired ? nonsense.Chance(95) : nonsense.Chance(60))
            .Select(parameter => (parameter.Name, Value(parameter, nonsense))));
        return string.Join(
            '&', fields.DistinctBy(field => field.Name).Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"));
    }

    private static string Value(CometField parameter, Nonsense nonsense)
    {
        if (!parameter.Encoding.StartsWith("json:", StringComparison.Ordinal) || nonsense.Chance(15))
        {
            var text = nonsense.Text();
            return text == ServerHost.Username && parameter.Name.StartsWith("Target", StringComparison.Ordinal) ? "somebody" : text;
        }

        var type = VendorApi.ClassOf(parameter.Encoding["json:".Length..]);
        return type is null ? nonsense.Json(4).ToJsonString() : nonsense.Spoil(Nonsense.Default(type, CometJson.Options));
    }

    private static string Address(RouteEndpoint endpoint, Nonsense nonsense)
    {
        var parts = endpoint.RoutePattern.PathSegments.Select(segment => segment.Parts[0] switch
        {
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter
                when parameter.ParameterPolicies.Any(policy => policy.Content == "guid") =>
                Guid.NewGuid().ToString(),
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: var name } =>
                Uri.EscapeDataString(name == "username" ? "somebody" : Part(nonsense)),
            var literal => ((Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart)literal).Content,
        });
        var query = string.Join('&', new[] { "after", "limit", "q", "from", "to", "status", "user", "organization", "search" }
            .Where(_ => nonsense.Chance(15)).Select(name => $"{name}={Uri.EscapeDataString(nonsense.Text())}"));
        return $"/{string.Join('/', parts)}{(query.Length > 0 && query.Length < 8000 ? "?" + query : "")}";
    }

    private static string Part(Nonsense nonsense) =>
        nonsense.Text() is { Length: > 0 and < 500 } text && !text.Contains('\0', StringComparison.Ordinal) ? text : "x";

    private static bool IsServerError(string text)
    {
        try
        {
            return JsonDocument.Parse(text).RootElement is { ValueKind: JsonValueKind.Object } answer
                && answer.TryGetProperty("Status", out var status) && status.ValueKind == JsonValueKind.Number && status.GetInt64() is 500;
        }
        catch (JsonException)
        {
            return false; // a raw answer
        }
    }

    private static IEnumerable<RouteEndpoint> Endpoints(ServerHost host, string below) =>
        host.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => ("/" + endpoint.RoutePattern.RawText!.TrimStart('/')).StartsWith(below, StringComparison.Ordinal))
            .OrderBy(endpoint => endpoint.RoutePattern.RawText, StringComparer.Ordinal);

    private static async Task<IReadOnlyList<string>> PlausibleAsync(ServerHost host)
    {
        KeyValuePair<string, string>[] credentials =
            [new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", ServerHost.Password)];
        await host.CallCometAsync("admin/storage/register-bucket", [.. credentials, new("SetBucketValue", "bucket-1")]);
        await host.CallCometAsync(
            "admin/add-user", [.. credentials, new("TargetUser", "user-1"), new("TargetPassword", "password of user 1")]);
        return ["bucket-1", "user-1", "somebody", "alice", "1", "0", "false", "{}", "[]", "http://127.0.0.1:1/", "de_DE", "1764000000"];
    }

    // The wrong passwords among all this would lock the administrator, as they should.
    private static Task<Refusal?> ForgiveAsync(ServerHost host) => host.Service<Settings.ServerSettings>().ChangeAsync(
        options => options.LoginProtection.Enabled = false,
        CancellationToken.None);

    private static async Task AssertWorksAsync(ServerHost host)
    {
        using var ready = await host.Http.GetAsync(new Uri(Routes.Ready, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        using var signedIn = await host.SignInAsync();
        using var buckets = await signedIn.GetAsync(new Uri(Routes.Buckets, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, buckets.StatusCode);
    }
}
