using System.Net;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.Hosting;
using Halley.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Halley.Server.Tests.Administrators;

public class AddressRuleTests
{
    [Theory]
    [InlineData("", "1.2.3.4", true)]
    [InlineData("^10\\.", "10.1.2.3", true)]
    [InlineData("^10\\.", "::ffff:10.1.2.3", true)]
    [InlineData("^10\\.", "110.1.2.3", false)]
    [InlineData("^(2001:db8:|192\\.168\\.)", "2001:db8::7", true)]
    public void Rule_is_matched_against_the_address_as_text(string rule, string address, bool allowed) =>
        Assert.Equal(allowed, AddressRule.Allows(rule, IPAddress.Parse(address)));

    [Theory]
    [InlineData("(")]
    [InlineData("(?=x)")]
    [InlineData("(a)\\1")]
    public void Rule_that_is_wrong_or_would_backtrack_is_refused(string rule) => Assert.False(AddressRule.IsWellFormed(rule));

    [Theory]
    [DatabaseData]
    public async Task Foreign_address_is_refused_like_a_wrong_password_and_ends_nothing_for_others(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Kestrel = true });
        using var before = await host.SignInAsync();
        var alice = (await host.Service<AdministratorStore>().FindAsync(ServerHost.Username, default))!;
        await host.Service<AdministratorStore>().ChangeAsync(alice.Id, null, row => row.IPWhitelist = "^10\\.", default);

        Assert.Equal(HttpStatusCode.Unauthorized, (await host.TrySignInAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await before.GetAsync(new Uri("/api/v2/buckets", UriKind.Relative))).StatusCode);
        await host.Service<AdministratorStore>().ChangeAsync(alice.Id, null, row => row.IPWhitelist = "^(127\\.|::1)", default);
        Assert.Equal(HttpStatusCode.OK, (await before.GetAsync(new Uri("/api/v2/buckets", UriKind.Relative))).StatusCode);
    }

    [Theory]
    [InlineData("{}", true, Requires.TopLevel | Requires.EditServerSettings | Requires.EditBranding | Requires.EditWebhooks, true)]
    [InlineData("{}", false, Requires.TopLevel, false)]
    [InlineData("{}", false, Requires.EditBranding, false)]
    [InlineData("""{"AllowEditBranding":true}""", false, Requires.EditBranding, true)]
    [InlineData("""{"AllowEditBranding":true}""", false, Requires.EditBranding | Requires.EditEmailOptions, false)]
    [InlineData("""{"PreventEditServerSettings":true}""", true, Requires.EditServerSettings, false)]
    [InlineData("""{"PreventEditServerSettings":true,"AllowEditWebhooks":true}""", true, Requires.EditWebhooks, true)]
    [InlineData("""{"PreventChangePassword":true}""", true, Requires.ChangePassword, false)]
    [InlineData("not json", true, Requires.ViewServerInfo, false)]
    public void Flags_forbid_and_allow_as_the_vendor_says(string json, bool topLevel, object requires, bool allowed) =>
        Assert.Equal(allowed, AdministratorPermissions.Parse(json).Allow((Requires)requires, topLevel));
}
