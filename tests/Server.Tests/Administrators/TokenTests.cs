using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Server.Tests.Organizations;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Administrators;

public class TokenTests
{
    [Theory]
    [DatabaseData]
    public async Task Token_is_good_for_its_scopes_until_it_expires_or_is_revoked(TestDatabase database)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        using var alice = await host.SignInAsync();
        var now = time.GetUtcNow().UtcDateTime;
        var (reading, readId) = await MakeAsync(host, alice, "read", now.AddDays(2));
        var (full, _) = await MakeAsync(host, alice, "full", null);
        var (buckets, _) = await MakeAsync(host, alice, "buckets", null);

        Assert.Equal(HttpStatusCode.OK, await GetAsync(reading, Routes.Buckets));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(reading, Routes.Volumes));
        Assert.Equal(HttpStatusCode.Forbidden, await AddBucketAsync(reading, "one"));
        Assert.Equal(HttpStatusCode.Created, await AddBucketAsync(buckets, "one"));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(buckets, Routes.Volumes));
        Assert.Equal(HttpStatusCode.Created, await AddBucketAsync(full, "two"));
        foreach (var path in new[] { Routes.Tokens, Routes.Sessions })
        {
            Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(full, path));
        }

        Assert.Equal(HttpStatusCode.Forbidden,
            (await full.PostAsJsonAsync(Routes.OwnTotp, new ConfirmWithPassword(ServerHost.Password))).StatusCode);
        var listed = await alice.GetFromJsonAsync<JsonElement>(Routes.Tokens);
        Assert.Equal(["buckets", "full", "read"],
            listed.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("scopes")[0].GetString()));
        Assert.All(listed.GetProperty("items").EnumerateArray(),
            item => Assert.Equal("2030-01-01T00:00:00Z", item.GetProperty("lastUsedAt").GetString()));

        Assert.Equal(
            HttpStatusCode.NoContent, (await alice.DeleteAsync(new Uri($"{Routes.Tokens}/{readId}", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.DeleteAsync(new Uri($"{Routes.Tokens}/{readId}", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(reading, Routes.Buckets));
        var (dying, _) = await MakeAsync(host, alice, "read", now.AddHours(1));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(dying, Routes.Buckets));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(dying, Routes.Buckets));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(full, Routes.Buckets));
    }

    [Theory]
    [DatabaseData]
    public async Task Token_survives_a_change_of_the_password_by_its_owner_and_neither_a_reset_by_another_nor_a_suspension(
        TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        using var alice = await host.SignInAsync();
        var organization = await host.AddOrganizationAsync("Acme");
        await host.AddAdministratorAsync("bob", "");
        await host.AddAdministratorAsync("anna", organization);
        using var bob = await host.SignInAsync("bob");
        using var anna = await host.SignInAsync("anna");
        var (program, _) = await MakeAsync(host, bob, "full", null);
        var (tenant, _) = await MakeAsync(host, anna, "full", null);
        using var elsewhere = await host.SignInAsync("bob");

        using var changed = await bob.PutAsJsonAsync(Routes.OwnPassword, new ChangePassword(ServerHost.Password, "a password of his own"));
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(elsewhere, Routes.Buckets));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(bob, Routes.Buckets));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(program, Routes.Buckets));
        Assert.Single((await bob.GetFromJsonAsync<Page<TokenInfo>>(Routes.Tokens))!.Items);

        var all = await alice.GetFromJsonAsync<Page<AdministratorInfo>>(Routes.Administrators);
        var id = all!.Items.Single(one => one.Username == "bob").Id;
        using var reset = await alice.PatchAsJsonAsync($"{Routes.Administrators}/{id}", new { password = "given by alice" });
        Assert.Equal(HttpStatusCode.OK, reset.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(program, Routes.Buckets));
        using var back = await host.SignInAsync("bob", "given by alice");
        Assert.Equal(HttpStatusCode.NoContent,
            (await back.PutAsJsonAsync(Routes.OwnPassword, new ChangePassword("given by alice", "his own again"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(program, Routes.Buckets));

        Assert.Equal(HttpStatusCode.OK, await GetAsync(tenant, Routes.Buckets));
        await host.CallAsync(
            "organization/set", ("OrganizationID", organization), ("Organization", """{"Name":"Acme","IsSuspended":true}"""));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(tenant, Routes.Buckets));
        await host.CallAsync("organization/set", ("OrganizationID", organization), ("Organization", """{"Name":"Acme"}"""));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(tenant, Routes.Buckets));
    }

    [Fact]
    public async Task Session_that_is_minutes_old_makes_no_token_and_a_new_sign_in_does()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Time = time });
        using var alice = await host.SignInAsync();

        time.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal(HttpStatusCode.OK, await GetAsync(alice, Routes.Tokens));
        using var refused = await alice.PostAsJsonAsync(Routes.Tokens, new CreateToken("late", ["read"]));
        Assert.Equal((HttpStatusCode.Forbidden, "fresh_sign_in_required"), (refused.StatusCode, await refused.CodeOfAsync()));
        using var again = await host.SignInAsync();
        await MakeAsync(host, again, "read", null);
    }

    [Fact]
    public async Task Wrong_requests_for_a_token_are_refused_with_a_reason()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        using var alice = await host.SignInAsync();

        Assert.Equal("token_name_invalid", await RefusalAsync(alice, new { name = " ", scopes = new[] { "read" } }));
        Assert.Equal("token_scope_invalid", await RefusalAsync(alice, new { name = "x", scopes = new[] { "everything" } }));
        Assert.Equal("token_scope_invalid", await RefusalAsync(alice, new { name = "x" }));
        Assert.Equal("token_expiry_invalid",
            await RefusalAsync(alice, new { name = "x", scopes = new[] { "read" }, expiresAt = "2001-01-01T00:00:00Z" }));
        Assert.Equal("token_expiry_invalid",
            await RefusalAsync(alice, new { name = "x", scopes = new[] { "read" }, expiresAt = "2999-01-01T00:00:00Z" }));
        Assert.Equal("bad_request", await RefusalAsync(alice, new { name = "x", scopes = "read" }));
    }

    private static async Task<(HttpClient Client, Guid Id)> MakeAsync(ServerHost host, HttpClient owner, string scope, DateTime? expires)
    {
        using var answer = await owner.PostAsJsonAsync(Routes.Tokens, new CreateToken(scope, [scope], expires));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var made = (await answer.Content.ReadFromJsonAsync<TokenCreated>())!;
        Assert.Matches("^halley_[0-9a-f]{64}$", made.Token);
        var client = host.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", made.Token);
        return (client, made.Info.Id);
    }

    private static async Task<HttpStatusCode> GetAsync(HttpClient client, string path) =>
        (await client.GetAsync(new Uri(path, UriKind.Relative))).StatusCode;

    private static async Task<HttpStatusCode> AddBucketAsync(HttpClient client, string id) =>
        (await client.PostAsJsonAsync(Routes.Buckets, new { id })).StatusCode;

    private static async Task<string?> RefusalAsync(HttpClient client, object request)
    {
        using var answer = await client.PostAsJsonAsync(Routes.Tokens, request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString();
    }
}
