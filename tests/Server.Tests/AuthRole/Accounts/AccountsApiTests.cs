using System.Net;
using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;
using static Halley.Server.Tests.AuthRole.Accounts.AccountCalls;

namespace Halley.Server.Tests.AuthRole.Accounts;

public class AccountsApiTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [DatabaseData]
    public async Task Accounts_are_listed_in_pages_and_filtered(TestDatabase database)
    {
        var host = await servers.WithoutAccountsAsync(database);
        using var admin = await host.SignInAsync();
        foreach (var name in new[] { "anna", "bert", "carl", "Dora" })
        {
            using var made =
                await admin.PostAsJsonAsync(Routes.Accounts, new CreateAccount(name, LKey: LKeyOf(name), AccountName: $"{name} Doe"));
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
            Assert.Equal($"{Routes.Accounts}/{name}", made.Headers.Location!.ToString());
        }

        using var suspended = await admin.PatchAsJsonAsync($"{Routes.Accounts}/carl", new UpdateAccount(Suspended: true));
        var names = new List<string>();
        for (string? after = ""; after is not null;)
        {
            var page = (await admin.GetFromJsonAsync<Page<AccountInfo>>($"{Routes.Accounts}?limit=3&after={after}"))!;
            names.AddRange(page.Items.Select(account => account.Username));
            after = page.Next;
        }

        Assert.Equal(4, names.Distinct().Count());
        Assert.Equal(["carl"], await NamesAsync(admin, "suspended=true"));
        Assert.Equal(["Dora"], await NamesAsync(admin, "q=dORA%20d"));
        Assert.Empty(await NamesAsync(admin, "organization=none"));
        using var badLimit = await admin.GetAsync(new Uri($"{Routes.Accounts}?limit=0", UriKind.Relative));
        Assert.Equal("limit_invalid", await badLimit.CodeOfAsync());
        using var deleted = await admin.DeleteAsync(new Uri($"{Routes.Accounts}/carl", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var gone = await admin.GetAsync(new Uri($"{Routes.Accounts}/carl", UriKind.Relative));
        Assert.Equal("account_not_found", await gone.CodeOfAsync());
    }

    [Theory]
    [InlineData("""{"username":"a b","password":"long enough"}""", "account_invalid")]
    [InlineData("""{"username":"x","password":"short"}""", "account_invalid")]
    [InlineData("""{"username":"x","lKey":"ABC"}""", "account_invalid")]
    [InlineData("""{"username":"x"}""", "credential_invalid")]
    [InlineData("""{"username":"x","password":"long enough","lKey":"b"}""", "credential_invalid")]
    [InlineData("""{"username":null,"password":"long enough"}""", "account_invalid")]
    [InlineData("""{"username":7}""", "bad_request")]
    [InlineData("[]", "bad_request")]
    public async Task Account_that_cannot_be_made_is_refused_with_a_code(string body, string code)
    {
        var host = await servers.WithoutAccountsAsync();
        using var admin = await host.SignInAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var answer = await admin.PostAsync(new Uri(Routes.Accounts, UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(code, await answer.CodeOfAsync());
    }

    [Theory]
    [DatabaseData]
    public async Task Repeated_request_with_the_same_idempotency_key_makes_one_account(TestDatabase database)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        using var admin = await host.SignInAsync();
        admin.DefaultRequestHeaders.Add("Idempotency-Key", "order 1");
        var request = new CreateAccount("anna", LKey: LKeyOf("anna"));

        using var first = await admin.PostAsJsonAsync(Routes.Accounts, request);
        using var second = await admin.PostAsJsonAsync(Routes.Accounts, request);
        using var other = await admin.PostAsJsonAsync(Routes.Accounts, request with { Username = "bert" });

        Assert.Equal(HttpStatusCode.Created, second.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal("idempotency_key_reused", await other.CodeOfAsync());
        Assert.Equal(["anna"], await NamesAsync(admin, ""));

        admin.DefaultRequestHeaders.Remove("Idempotency-Key");
        admin.DefaultRequestHeaders.Add("Idempotency-Key", "order 2");
        using var refused = await admin.PostAsJsonAsync(Routes.Accounts, request);
        Assert.Equal("account_exists", await refused.CodeOfAsync());
        using var corrected = await admin.PostAsJsonAsync(Routes.Accounts, request with { Username = "bert" });
        Assert.Equal(HttpStatusCode.Created, corrected.StatusCode);
    }

    [Fact]
    public async Task Addresses_of_administrators_and_of_users_are_closed_to_each_other()
    {
        var host = await servers.WithoutAccountsAsync();
        await host.AddUserAsync();
        using var admin = await host.SignInAsync();
        using var user = await host.SignInUserAsync(new StartSession(User, LKey: LKeyOf()));
        foreach (var path in new[] { Routes.Accounts, $"{Routes.Accounts}/{User}", $"{Routes.Accounts}/{User}/profile", Routes.Buckets,
            Routes.Sessions, "/api/v2/administrators" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await user.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await host.Http.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
        }

        foreach (var path in new[] { Routes.User, Routes.UserProfile, Routes.UserSessions, Routes.UserDevices })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await admin.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await user.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
        }

        using var ended = await user.DeleteAsync(new Uri(Routes.UserCurrentSession, UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await user.GetAsync(new Uri(Routes.User, UriKind.Relative))).StatusCode);
    }

    private static async Task<IEnumerable<string>> NamesAsync(HttpClient admin, string query) =>
        (await admin.GetFromJsonAsync<Page<AccountInfo>>($"{Routes.Accounts}?{query}"))!.Items.Select(account => account.Username);
}
