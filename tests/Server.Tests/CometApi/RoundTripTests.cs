using System.Text.Json;
using System.Text.Json.Nodes;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;
using static Halley.Server.Tests.AuthRole.Accounts.AccountCalls;

namespace Halley.Server.Tests.CometApi;

/// <summary>
/// A client that reads a document and saves it unchanged changes nothing, even when it writes null for every empty value, as clients of
/// several languages do.
/// </summary>
public sealed class RoundTripTests(RoundTripTests.Server server) : IClassFixture<RoundTripTests.Server>
{
    public static TheoryData<string, string, string, string> Documents => new()
    {
        { "meta/server-config/get", "", "meta/server-config/set", "Config" },
        { "meta/branding-config/get", "Branding", "meta/branding-config/set", "BrandingConfig" },
        { "meta/build-config/get", "SoftwareBuildRole", "meta/build-config/set", "SoftwareBuildRoleConfig" },
        { "meta/constellation/config/get", "", "meta/constellation/config/set", "ConstellationRoleOptions" },
        { "meta/email-options/get", "", "meta/email-options/set", "EmailOptions" },
        { "meta/remote-storage-vault/get", "", "meta/remote-storage-vault/set", "RemoteStorageOptions" },
        { "meta/webhook-options/get", "", "meta/webhook-options/set", "WebhookOptions" },
        { "meta/psa-config-list/get", "", "meta/psa-config-list/set", "PSAConfigList" },
        { "account/properties", "Security", "account/set-properties", "Security" },
        { "policies/get", "Policy", "policies/set", "Policy" },
        { "organization/list", "<org>", "organization/set", "Organization" },
        { "user-groups/get", "UserGroup", "user-groups/set", "Group" },
        { "squota/get-with-hash", "SharedStorageQuota", "squota/set-with-hash", "SharedStorageQuota" },
        { "get-user-profile", "", "set-user-profile", "ProfileData" },
        { "get-protected-item-with-backup-rules", "Source", "set-protected-item-with-backup-rules", "Source" },
        { "get-protected-item-with-backup-rules", "BackupRules", "set-protected-item-with-backup-rules", "BackupRules" },
    };

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Document_that_is_saved_as_it_was_read_with_nulls_for_empty_values_stays_as_it_is(
        string get, string member, string set, string field)
    {
        var before = await ReadAsync(get, member);
        var withNulls = ToNulls(before.DeepClone())?.ToJsonString() ?? (before is JsonObject ? "{}" : "null");

        var saved = await server.Host.AsAdministratorAsync(set, [.. server.Names(), (field, withNulls)]);

        Assert.True(saved.StatusOf() == 200, $"{saved}\n{withNulls}");
        Assert.Equal(Comparable(before), Comparable(await ReadAsync(get, member)));
    }

    [Fact]
    public async Task Refusal_names_the_missing_field_and_the_place_in_the_json()
    {
        async Task<string> MessageAsync(string call, params (string, string)[] fields) =>
            (await server.Host.AsAdministratorAsync(call, fields)).GetProperty("Message").GetString()!;

        Assert.Equal("Parameter TargetUser is missing", await MessageAsync("get-user-profile"));
        Assert.Contains(
            "$.Devices.tower.RegistrationTime",
            await MessageAsync(
                "set-user-profile", ("TargetUser", User), ("ProfileData", """{"Devices":{"tower":{"RegistrationTime":"today"}}}""")),
            StringComparison.Ordinal);
    }

    private async Task<JsonNode> ReadAsync(string get, string member)
    {
        var answer = await server.Host.AsAdministratorAsync(get, server.Names());
        var document = member.Length == 0 ? answer : answer.GetProperty(member == "<org>" ? server.Organization : member);
        return JsonNode.Parse(document.GetRawText())!;
    }

    private static JsonNode? ToNulls(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields.ToList())
                {
                    fields[name] = ToNulls(value?.DeepClone());
                }

                return fields.All(entry => entry.Value is null) ? null : fields;
            case JsonArray list:
                return list.Count == 0 ? null : new JsonArray([.. list.Select(entry => ToNulls(entry?.DeepClone()))]);
            case JsonValue value when value.ToJsonString() is "false" or "0" or "\"\"":
                return null;
            default:
                return node;
        }
    }

    // The only field that a save changes by itself.
    private static string Comparable(JsonNode document)
    {
        if (document is JsonObject policy && policy.ContainsKey("ModifiedDate"))
        {
            policy["ModifiedDate"] = 0;
        }

        return document.ToJsonString();
    }

    public sealed class Server : IAsyncLifetime
    {
        public ServerHost Host { get; private set; } = null!;

        public string Organization { get; private set; } = "";

        private string Policy { get; set; } = "";

        private string Group { get; set; } = "";

        public (string, string)[] Names() =>
        [
            ("TargetUser", User), ("SourceID", "item"), ("PolicyID", Policy), ("GroupID", Group), ("OrganizationID", Organization),
            ("SharedStorageQuotaID", "shared"),
        ];

        public async Task InitializeAsync()
        {
            Host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Kestrel = true });
            await Host.AddUserAsync();
            await DoAsync("meta/remote-storage-vault/set", ("RemoteStorageOptions", """
                [{"Type":"comet","Description":"Here","RemoteAddress":"$self$","ID":"here"},
                {"Type":"custom","Description":"Elsewhere","ID":"custom","Custom":{"URL":"https://elsewhere.example/"}}]
                """));
            await DoAsync("meta/webhook-options/set", ("WebhookOptions", """{"hook":{"URL":"https://hook.example/","Level":"full"}}"""));
            await DoAsync("meta/email-options/set", ("EmailOptions",
                """{"FromEmail":"halley@example.org","Mode":"disabled","EmailReportingOptions":[{"Recipients":["a@example.org"]}]}"""));
            await DoAsync("meta/psa-config-list/set", ("PSAConfigList", """[{"URL":"https://psa.example/"}]"""));
            await DoAsync(
                "squota/set-with-hash", ("SharedStorageQuotaID", "shared"), ("SharedStorageQuota", """{"Description":"Shared"}"""));
            var policy = await DoAsync(
                "policies/new",
                ("Policy", """{"Description":"Standard","Policy":{"DefaultEmailReports":{"Reports":[{"ReportType":1}]}}}"""));
            Policy = policy.GetProperty("PolicyHash").GetString()!;
            Group = (await DoAsync("user-groups/new", ("Name", "Sales"))).GetProperty("UserGroupID").GetString()!;
            Organization = (await DoAsync("organization/set", ("Organization", """{"Name":"Acme"}"""))).GetProperty("ID").GetString()!;
            await DoAsync("set-protected-item-with-backup-rules", ("TargetUser", User), ("SourceID", "item"),
                ("Source", """{"Engine":"engine1/file","Description":"Documents"}"""),
                ("BackupRules", """{"rule":{"Source":"item","Destination":"vault","Schedules":[{"FrequencyType":8011}]}}"""));
            await DoAsync("request-storage-vault",
                ("TargetUser", User), ("StorageProvider", "here"), ("SelfAddress", "https://backup.example.org/"));
        }

        public async Task DisposeAsync() => await Host.DisposeAsync();

        private async Task<JsonElement> DoAsync(string call, params (string, string)[] fields)
        {
            var answer = await Host.AsAdministratorAsync(call, fields);
            Assert.True(answer.StatusOf() == 200, $"{call}: {answer}");
            return answer;
        }
    }
}
