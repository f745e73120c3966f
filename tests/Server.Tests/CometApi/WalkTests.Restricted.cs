using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Halley.Protocol;
using Halley.Protocol.Administrators;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace Halley.Server.Tests.CometApi;

/// <summary>
/// What an administrator of the server may still do with every restriction: look after users, and sign in. A new call is refused to it, or
/// is added here on purpose.
/// </summary>
public sealed partial class WalkTests
{
    private const string Restricted = "rita";
    private const string RestrictedPassword = "the password of rita";

    // Calls of the vendor's API.
    private static readonly string[] OpenCalls =
    [
        "admin/account/properties",
        "admin/account/regenerate-totp",
        "admin/account/session-revoke",
        "admin/account/session-start",
        "admin/account/session-upgrade",
        "admin/account/set-properties",
        "admin/account/validate-totp",
        "admin/account/webauthn/request-registration-challenge",
        "admin/account/webauthn/submit-challenge-response",
        "admin/add-user",
        "admin/add-user-from-profile",
        "admin/bulletin/submit",
        "admin/count-jobs-for-custom-search",
        "admin/create-install-token",
        "admin/delete-protected-item",
        "admin/delete-user",
        "admin/disable-user-totp",
        "admin/get-job-log",
        "admin/get-job-log-entries",
        "admin/get-job-properties",
        "admin/get-jobs-all",
        "admin/get-jobs-for-custom-search",
        "admin/get-jobs-for-date-range",
        "admin/get-jobs-for-user",
        "admin/get-jobs-recent",
        "admin/get-protected-item-with-backup-rules",
        "admin/get-user-profile",
        "admin/get-user-profile-and-hash",
        "admin/get-user-profile-hash",
        "admin/job/abandon",
        "admin/job/cancel",
        "admin/list-users",
        "admin/list-users-full",
        "admin/news/get-all",
        "admin/news/remove",
        "admin/news/submit",
        "admin/organization/list",
        "admin/policies/delete",
        "admin/policies/get",
        "admin/policies/list",
        "admin/policies/list-full",
        "admin/policies/new",
        "admin/policies/set",
        "admin/preview-user-email-report",
        "admin/request-storage-vault-providers",
        "admin/reset-user-password",
        "admin/revoke-device",
        "admin/set-protected-item-with-backup-rules",
        "admin/set-user-profile",
        "admin/set-user-profile-hash",
        "admin/squota/delete",
        "admin/squota/get-with-hash",
        "admin/squota/list-all",
        "admin/squota/set-with-hash",
        "admin/storage/bucket-properties",
        "admin/storage/free-space",
        "admin/storage/list-buckets",
        "admin/storage/register-bucket",
        "admin/user-groups/delete",
        "admin/user-groups/get",
        "admin/user-groups/list",
        "admin/user-groups/list-full",
        "admin/user-groups/new",
        "admin/user-groups/set",
        "admin/user-groups/set-users-for-group",
        "hybrid/session/start",
    ];

    // Endpoints of our own.
    private static readonly string[] OpenEndpoints =
    [
        "DELETE /api/v2/accounts/{username}",
        "DELETE /api/v2/accounts/{username}/devices/{deviceId}",
        "DELETE /api/v2/accounts/{username}/install-tokens/{tokenId}",
        "DELETE /api/v2/accounts/{username}/sessions/{sessionId}",
        "DELETE /api/v2/accounts/{username}/totp",
        "DELETE /api/v2/buckets/{bucketId}/keys/{keyId}",
        "DELETE /api/v2/commands/{commandId}",
        "DELETE /api/v2/devices/{deviceId}/connection",
        "DELETE /api/v2/lobby/{deviceId}",
        "DELETE /api/v2/news/{newsId}",
        "DELETE /api/v2/policies/{policyId}",
        "DELETE /api/v2/sessions/{sessionId}",
        "DELETE /api/v2/tokens/{tokenId}",
        "GET /api/v2/accounts",
        "GET /api/v2/accounts/{username}",
        "GET /api/v2/accounts/{username}/devices",
        "GET /api/v2/accounts/{username}/install-tokens",
        "GET /api/v2/accounts/{username}/profile",
        "GET /api/v2/accounts/{username}/profile/versions",
        "GET /api/v2/accounts/{username}/sessions",
        "GET /api/v2/attention",
        "GET /api/v2/buckets",
        "GET /api/v2/buckets/{bucketId}",
        "GET /api/v2/buckets/{bucketId}/history",
        "GET /api/v2/buckets/{bucketId}/keys",
        "GET /api/v2/buckets/{bucketId}/trash",
        "GET /api/v2/commands/{commandId}",
        "GET /api/v2/devices",
        "GET /api/v2/devices/{deviceId}/commands",
        "GET /api/v2/jobs",
        "GET /api/v2/jobs/{jobId}",
        "GET /api/v2/jobs/{jobId}/log",
        "GET /api/v2/lobby",
        "GET /api/v2/news",
        "GET /api/v2/organizations",
        "GET /api/v2/organizations/{organizationId}",
        "GET /api/v2/policies",
        "GET /api/v2/policies/{policyId}",
        "GET /api/v2/scrub-findings",
        "GET /api/v2/sessions",
        "GET /api/v2/tasks",
        "GET /api/v2/tasks/{taskId}",
        "GET /api/v2/tasks/{taskId}/log",
        "GET /api/v2/tokens",
        "GET /api/v2/vault-templates",
        "GET /api/v2/volumes",
        "GET /api/v2/volumes/{volumeId}",
        "PATCH /api/v2/accounts/{username}",
        "PATCH /api/v2/accounts/{username}/devices/{deviceId}",
        "PATCH /api/v2/buckets/{bucketId}",
        "POST /api/v2/account/totp/proof",
        "POST /api/v2/accounts",
        "POST /api/v2/accounts/{username}/install-tokens",
        "POST /api/v2/accounts/{username}/password",
        "POST /api/v2/accounts/{username}/profile/versions/{versionId}/restore",
        "POST /api/v2/buckets",
        "POST /api/v2/buckets/{bucketId}/keys",
        "POST /api/v2/buckets/{bucketId}/trash/restore",
        "POST /api/v2/buckets/{bucketId}/verify",
        "POST /api/v2/devices/{deviceId}/commands",
        "POST /api/v2/jobs/{jobId}/abandon",
        "POST /api/v2/jobs/{jobId}/cancel",
        "POST /api/v2/lobby/{deviceId}/sign-in",
        "POST /api/v2/news",
        "POST /api/v2/policies",
        "POST /api/v2/tokens",
        "PUT /api/v2/accounts/{username}/profile",
        "PUT /api/v2/policies/{policyId}",
    ];

    // One ends the session of the test, the other its response never.
    private static readonly string[] EndsOrNeverEnds = ["/api/v2/sessions/current", Routes.EventStream];

    [Fact]
    public async Task Administrator_with_every_restriction_is_refused_whatever_is_not_about_users()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Kestrel = true });
        await RestrictAsync(host);

        var done = new List<string>();
        foreach (var step in Steps().Where(step => step.As == "admin"))
        {
            var fields = step.Arguments.ToDictionary(
                argument => argument.Name,
                argument => Placeholder().Replace(
                    argument.Value, match => _known.GetValueOrDefault(match.Groups[1].Value, "none")));
            (fields["Username"], fields["AuthType"], fields["Password"]) = (Restricted, "Password", RestrictedPassword);
            using var content = new FormUrlEncodedContent(fields);
            using var answer = await host.Http.PostAsync(new Uri($"/api/v1/{step.Call}", UriKind.Relative), content);
            var text = await answer.Content.ReadAsStringAsync();
            if (!text.Contains("\"Status\":403", StringComparison.Ordinal))
            {
                done.Add(step.Call);
            }
        }

        Check(OpenCalls, done);
    }

    [Fact]
    public async Task Administrator_with_every_restriction_is_refused_our_own_api_alike()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        await RestrictAsync(host);
        using var client = await host.SignInAsync(Restricted, RestrictedPassword);

        var done = new List<string>();
        foreach (var endpoint in host.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
            if (!path.StartsWith(Routes.Api, StringComparison.Ordinal) || path.StartsWith("/api/v2/user", StringComparison.Ordinal)
                || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null || EndsOrNeverEnds.Contains(path))
            {
                continue;
            }

            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods)
            {
                using var request = new HttpRequestMessage(
                    new HttpMethod(method), new Uri(Parameter().Replace(path, Guid.Empty.ToString()), UriKind.Relative));
                request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
                request.Content = method is "GET" or "DELETE" ? null : new StringContent("{}", Encoding.UTF8, "application/json");
                using var answer = await client.SendAsync(request);
                if ((int)answer.StatusCode != 403)
                {
                    done.Add($"{method} {path}");
                    Assert.NotEqual(401, (int)answer.StatusCode);
                }
            }
        }

        Check(OpenEndpoints, done);
    }

    private static void Check(string[] expected, IEnumerable<string> done)
    {
        var found = done.Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(expected.SequenceEqual(found), string.Join('\n', found));
    }

    private static async Task RestrictAsync(ServerHost host)
    {
        var flags = new AdminUserPermissions();
        foreach (var flag in typeof(AdminUserPermissions).GetProperties().Where(
            property => property.PropertyType == typeof(bool)
                && (property.Name.StartsWith("Prevent", StringComparison.Ordinal)
                    || property.Name.StartsWith("Deny", StringComparison.Ordinal))))
        {
            flag.SetValue(flags, true);
        }

        await host.AsAdministratorAsync("admin-user/new", ("TargetUser", Restricted), ("TargetPassword", RestrictedPassword));
        var config = JsonNode.Parse((await host.AsAdministratorAsync("meta/server-config/get")).GetRawText())!;
        config["AdminUsers"]!.AsArray().Single(user => (string?)user!["Username"] == Restricted)!["Permissions"] =
            JsonSerializer.SerializeToNode(flags, Protocol.Comet.CometJson.Options);
        var set = await host.AsAdministratorAsync("meta/server-config/set", ("Config", config.ToJsonString()));
        Assert.Equal("OK", set.GetProperty("Message").GetString());
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
