using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Halley.Protocol;
using Halley.Protocol.Policies;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.CometApi.Transport;
using Halley.Server.Organizations;
using Halley.Testing;
using Microsoft.AspNetCore.Routing;

namespace Halley.Server.Tests.Organizations;

/// <summary>
/// Two tenants with everything a tenant can have. The administrator of the first makes every call there is with the ids of the second:
/// nothing of it appears, no look-up finds it, and nothing of it has changed afterwards.
/// </summary>
public partial class TenantIsolationTests
{
    // In every name, label and text of the second tenant, and in no request of the first one.
    private const string Hidden = "bravo-hidden";
    private const string Id = "bravo-id";

    [Theory]
    [DatabaseData]
    public async Task No_call_shows_or_changes_anything_of_another_tenant(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        var ids = await SeedAsync(host);
        var before = await LookAsync(host);
        var fields = host.Service<EndpointDataSource>().Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<CallDescription>())
            .OfType<CallDescription>()
            .ToLookup(call => call.Name, call => call.Fields);
        var asked = 0;
        foreach (var call in MappedCalls(host))
        {
            var parameters = fields[$"admin/{call}"].SingleOrDefault() ?? [];
            var named = parameters.Any(parameter => ids.ContainsKey(parameter.Name) && parameter.IsRequired);
            var answer = await AnswerAsync(host, call, [.. parameters.Select(parameter => (parameter.Name, ValueOf(parameter, ids)))]);

            Assert.False(answer.Contains(Hidden, StringComparison.OrdinalIgnoreCase), $"{call} shows {answer}");
            Assert.False(!named && answer.Contains(Id, StringComparison.OrdinalIgnoreCase), $"{call} shows {answer}");
            Assert.False(named && !IsRefusal().IsMatch(answer), $"{call} found what it must not know: {answer}");
            asked++;
        }

        Assert.True(asked > 40, $"only {asked} calls were made");
        Assert.Equal(before, await LookAsync(host));
    }

    [Theory]
    [DatabaseData]
    public async Task No_address_of_the_own_api_shows_anything_of_another_tenant(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        var ids = await SeedAsync(host);
        using var anna = await host.SignInAsync("anna", ServerHost.Password);
        var asked = 0;
        foreach (var pattern in Patterns(host))
        {
            var path = Parameter()
                .Replace(pattern, parameter => ids.GetValueOrDefault(parameter.Groups[1].Value, Guid.NewGuid().ToString()));
            using var answer = await anna.GetAsync(new Uri(path, UriKind.Relative));
            var body = await answer.Content.ReadAsStringAsync();

            Assert.False(body.Contains(Hidden, StringComparison.OrdinalIgnoreCase), $"{path} shows {body}");
            Assert.False(path != pattern && answer.StatusCode == HttpStatusCode.OK && body.Contains(Id, StringComparison.Ordinal),
                $"{path} shows {body}");
            Assert.True((int)answer.StatusCode < 500, $"{path}: {answer.StatusCode}");
            asked++;
        }

        Assert.True(asked > 8, $"only {asked} addresses were asked");
    }

    private static async Task<Dictionary<string, string>> SeedAsync(ServerHost host)
    {
        var a = await host.AddOrganizationAsync("Alpha");
        var b = await host.AddOrganizationAsync($"{Hidden} organization");
        await host.AddAdministratorAsync("anna", a,
            """{"AllowEditBranding":true,"AllowEditRemoteStorage":true,"AllowEditWebhooks":true,"AllowEditEmailOptions":true}""");
        await host.AddAdministratorAsync($"{Hidden}-admin", b, """{"AllowEditBranding":true,"AllowEditRemoteStorage":true}""");
        foreach (var (organization, prefix, text) in new[] { (a, "alpha-id", "alpha"), (b, Id, Hidden) })
        {
            var owner = organization == a ? "anna" : $"{Hidden}-admin";
            await host.AddAccountAsync($"{prefix}-user", organization, profile =>
            {
                profile.AccountName = text;
                profile.Devices[$"{prefix}-device"] = new DeviceConfig { FriendlyName = text };
                profile.Sources[$"{prefix}-source"] = new SourceConfig { Description = text, OwnerDevice = $"{prefix}-device" };
                profile.Destinations[$"{prefix}-vault"] = new DestinationConfig { Description = text };
            });
            await RefuseNoneAsync(host.CallAsAsync(owner, "storage/register-bucket", ("SetBucketValue", $"{prefix}-bucket")));
            await RefuseNoneAsync(
                host.CallAsAsync(owner, "policies/set", ("PolicyID", $"{prefix}-policy"), ("Policy", $$"""{"Description":"{{text}}"}""")));
            await RefuseNoneAsync(
                host.CallAsAsync(owner, "user-groups/set", ("GroupID", $"{prefix}-group"), ("Group", $$"""{"Name":"{{text}}"}""")));
            await RefuseNoneAsync(host.CallAsAsync(owner, "squota/set-with-hash", ("SharedStorageQuotaID", $"{prefix}-quota"),
                ("SharedStorageQuota", $$"""{"Description":"{{text}}"}""")));
            await RefuseNoneAsync(host.CallAsAsync(owner, "news/submit", ("NewsContent", text)));
            await RefuseNoneAsync(
                host.CallAsAsync(owner, "meta/branding-config/set", ("BrandingConfig", $$"""{"ProductName":"{{text}}"}""")));
            await RefuseNoneAsync(host.CallAsAsync(owner, "meta/remote-storage-vault/set", ("RemoteStorageOptions",
                $$"""[{"ID":"{{prefix}}-template","Type":"comet","RemoteAddress":"$self$","Description":"{{text}}"}]""")));
        }

        var news = (await host.CallAsAsync($"{Hidden}-admin", "news/get-all")).EnumerateObject().Single().Name;
        return new Dictionary<string, string>
        {
            ["TargetUser"] = $"{Id}-user",
            ["Users"] = $"""["{Id}-user"]""",
            ["TargetOrganization"] = b,
            ["OrganizationID"] = b,
            ["TargetOrgID"] = b,
            ["SetOrganizationID"] = b,
            ["BucketID"] = $"{Id}-bucket",
            ["PolicyID"] = $"{Id}-policy",
            ["GroupID"] = $"{Id}-group",
            ["SharedStorageQuotaID"] = $"{Id}-quota",
            ["NewsItem"] = news,
            ["StorageProvider"] = $"{Id}-template",
            ["TargetDevice"] = $"{Id}-device",
            ["SourceID"] = $"{Id}-source",
            ["organizationId"] = b,
            ["bucketId"] = $"{Id}-bucket",
            ["policyId"] = $"{Id}-policy",
            ["groupId"] = $"{Id}-group",
            ["newsId"] = news,
            ["username"] = $"{Id}-user",
        };
    }

    /// <summary>Everything of the second tenant, as the top level sees it.</summary>
    private static async Task<string> LookAsync(ServerHost host)
    {
        var seen = new List<string> { (await host.Service<ProfileStore>().FindAsync($"{Id}-user", TenantScope.Everything, default))!.Hash };
        foreach (var call in new[] { "storage/list-buckets", "policies/list-full", "user-groups/list-full", "squota/list-all",
            "news/get-all", "organization/list" })
        {
            var answer = Measured().Replace((await host.CallAsync(call)).GetRawText(), ""); // the server measures by itself
            seen.AddRange(
                BravoLine().Matches(answer.Replace("},", "},\n", StringComparison.Ordinal)).Select(match => match.Value.TrimStart('{')));
        }

        return string.Join('\n', seen);
    }

    private static async Task RefuseNoneAsync(Task<System.Text.Json.JsonElement> call)
    {
        var answer = await call;
        Assert.True(Tenants.StatusOf(answer) == 200, answer.ToString());
    }

    // His own account and sessions are his; everything else is asked.
    private static IEnumerable<string> MappedCalls(ServerHost host) => host.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.Metadata.OfType<CometAudience>().Any(audience => audience == CometAudience.Administrators))
        .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
        .Where(path => path.StartsWith("/api/v1/admin/", StringComparison.Ordinal))
        .Select(path => path["/api/v1/admin/".Length..])
        .Where(call => !call.StartsWith("account/", StringComparison.Ordinal) || call == "account/session-start-as-user")
        .Distinct().Order(StringComparer.Ordinal);

    private static IEnumerable<string> Patterns(ServerHost host) => host.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") == true)
        .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
        .Where(path => path.StartsWith("/api/v2/", StringComparison.Ordinal) && path != Routes.EventStream).Distinct()
        .Order(StringComparer.Ordinal);

    private static string ValueOf(CometField parameter, Dictionary<string, string> ids) =>
        ids.GetValueOrDefault(parameter.Name) ?? DefaultOf(parameter.Encoding);

    private static string DefaultOf(string encoding) => encoding switch
    {
        "int" => "1",
        "bool" => "true",
        "string" => "nothing",
        _ when encoding.StartsWith("json:[]", StringComparison.Ordinal) => "[]",
        _ => "{}",
    };

    private static async Task<string> AnswerAsync(ServerHost host, string call, (string Name, string Value)[] fields)
    {
        using var answer = await host.Http.PostAsync(
            new Uri($"/api/v1/admin/{call}", UriKind.Relative),
            new FormUrlEncodedContent([
                new("Username", "anna"), new("AuthType", "Password"), new("Password", ServerHost.Password),
                .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)),
            ]));
        Assert.True((int)answer.StatusCode < 500, $"{call}: {answer.StatusCode}");
        return await answer.Content.ReadAsStringAsync();
    }

    // A refusal, or an answer in which there is nothing.
    [GeneratedRegex("\"Measure(Started|Completed)\":[0-9]+,?")]
    private static partial Regex Measured();

    [GeneratedRegex("""^(\{"Status":(4\d\d|501),"Message":.*\}|\[\]|\{\}|)$""", RegexOptions.Singleline)]
    private static partial Regex IsRefusal();

    [GeneratedRegex(@"\{(\w+)[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("^.*bravo.*$", RegexOptions.Multiline)]
    private static partial Regex BravoLine();
}
