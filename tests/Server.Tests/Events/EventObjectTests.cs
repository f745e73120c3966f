using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Server.CometApi.Wire;
using Halley.Server.Events;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Server.Tests.CometApi;
using Halley.Testing;
using Microsoft.Extensions.Primitives;

namespace Halley.Server.Tests.Events;

/// <summary>Events of the vendor's carry the object that they are about, and never a secret.</summary>
public class EventObjectTests
{
    private const string Secret = "not-for-listeners";

    // Each type with the vendor's type of its data.
    private static readonly Dictionary<long, string> Objects = new()
    {
        [4100] = "UserProfileConfig",
        [4102] = "UserProfileConfig",
        [4150] = "AllowedAdminUser",
        [4403] = "ServerConfigOptions",
        [4500] = "Organization",
        [4502] = "Organization",
        [4600] = "GroupPolicy",
        [4602] = "GroupPolicy",
    };

    [Theory]
    [DatabaseData]
    public async Task Event_carries_the_object_it_is_about_without_its_secrets(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        using var told = host.Service<EventFeed>().Subscribe(EventTenant.All, 1000);

        await host.AddUserAsync();
        var profile = (await host.ReadProfileAsync()).Profile;
        profile.AccountName = "Changed";
        profile.Destinations["v"] = new DestinationConfig { DestinationType = 1000, S3SecretKey = Secret };
        await host.AsAdministratorAsync(
            "set-user-profile", ("TargetUser", AccountCalls.User), ("ProfileData", JsonSerializer.Serialize(profile, CometJson.Options)));
        await host.AsUserAsync("session/start", AccountCalls.ByPassword());
        await host.AsAdministratorAsync("account/session-start");
        await host.AsAdministratorAsync("admin-user/new", ("TargetUser", "arthur"), ("TargetPassword", "the password of arthur"));
        await host.AsAdministratorAsync(
            "meta/email-options/set", ("EmailOptions", $$"""{"Mode":"disabled","SMTPPassword":"{{Secret}}"}"""));
        var organization = (await host.AsAdministratorAsync("organization/set", ("Organization", """{"Name":"Acme"}""")))
            .GetProperty("ID").GetString()!;
        await host.AsAdministratorAsync("organization/set", ("OrganizationID", organization), ("Organization", $$"""
            {"Name":"Acme","WebhookOptions":{"w":{"URL":"https://hook.example/","CustomHeaders":{"X":"{{Secret}}"} } } }
            """));
        await host.AsAdministratorAsync("policies/set", ("PolicyID", "gold"), ("Policy", """{"Description":"Gold"}"""));
        await host.AsAdministratorAsync("policies/set", ("PolicyID", "gold"), ("Policy", """{"Description":"Gold 2"}"""));
        await host.Service<EventFeed>().CatchUpAsync(default);

        var seen = new Dictionary<long, JsonElement>();
        while (told.Events.TryRead(out var record))
        {
            var sent = await host.Service<EventObjects>().ToCometAsync(record, level: "", default);
            seen[(long)record.Type] = sent.Data ?? default;
            Assert.DoesNotContain(Secret, sent.Data?.GetRawText() ?? "", StringComparison.Ordinal);
            Assert.DoesNotContain("$2a$", sent.Data?.GetRawText() ?? "", StringComparison.Ordinal);
            Assert.Null((await host.Service<EventObjects>().ToCometAsync(record, level: "none", default)).Data);
        }

        Assert.All(Objects, one => Assert.Empty(VendorApi.Known.Faults(seen[one.Key], one.Value)));
        Assert.Equal("Changed", seen[4102].GetProperty("AccountName").GetString());
        Assert.Equal("Gold 2", seen[4602].GetProperty("Description").GetString());
        Assert.Equal((AccountCalls.User, "user"), SessionOf(seen[4105]));
        Assert.Equal((ServerHost.Username, "admin"), SessionOf(seen[4155]));
    }

    [Fact]
    public async Task Event_of_an_impersonated_user_names_the_administrator_that_acts()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        await host.AddUserAsync();
        var started = await host.AsAdministratorAsync("account/session-start-as-user", ("TargetUser", AccountCalls.User));
        await host.Service<EventFeed>().CatchUpAsync(default);
        (string, string)[] session = [("AuthType", "SessionKey"), ("SessionKey", started.GetProperty("SessionKey").GetString()!)];
        using var told = host.Service<EventFeed>().Subscribe(EventTenant.All, 1000);

        var read = await host.AsUserAsync("get-user-profile-and-hash", session);
        var saved = await host.AsUserAsync(
            "set-profile-hash", session, ("ProfileData", read.GetProperty("Profile").GetRawText()),
            ("ProfileHash", read.GetProperty("ProfileHash").GetString()!));
        await host.Service<EventFeed>().CatchUpAsync(default);

        Assert.Equal(200, saved.StatusOf());
        Assert.True(told.Events.TryRead(out var record));
        Assert.Equal((4102, ServerHost.Username, AccountCalls.User), ((int)record.Type, record.Actor, record.ResourceId));
    }

    [Theory]
    [InlineData("4200,4201", new long[] { 4200, 4201 })]
    [InlineData("[4200, 4201]", new long[] { 4200, 4201 })]
    [InlineData("""["SEVT_JOB_NEW"]""", new long[] { 4200 })]
    [InlineData("", new long[0])]
    [InlineData("everything", null)]
    public void Allow_list_is_read_however_a_client_writes_it(string text, long[]? types)
    {
        Assert.Equal(types is not null, EventAllowList.TryRead(new StringValues(text), out var read));
        Assert.Equal(types ?? [], types is null ? [] : read.Select(type => (long)type).Order());
    }

    private static (string?, string?) SessionOf(JsonElement data) =>
        (data.GetProperty("Username").GetString(), data.GetProperty("SessionType").GetString());
}
