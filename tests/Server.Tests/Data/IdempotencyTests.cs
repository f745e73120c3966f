using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Tests.Organizations;
using Halley.Testing;
using Microsoft.EntityFrameworkCore;
using static Halley.Server.Tests.AuthRole.Accounts.AccountCalls;

namespace Halley.Server.Tests.Data;

public class IdempotencyTests
{
    [Theory]
    [DatabaseData]
    public async Task Whatever_is_made_is_made_once_and_the_repetition_gets_the_same_answer(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        using var alice = await host.SignInAsync();
        await host.AddAccountAsync("user");
        using var volume = new TemporaryDirectory();
        await host.CallAsync(
            "meta/remote-storage-vault/set",
            ("RemoteStorageOptions", """[{"ID":"own","Type":"comet","RemoteAddress":"$self$","Description":"Own"}]"""));
        var requests = new Dictionary<string, object>
        {
            [Routes.Buckets] = new { label = "one" },
            [Routes.Administrators] = new { username = "bob", password = "a long password" },
            [Routes.Tokens] = new { name = "program", scopes = new[] { "read" } },
            [Routes.Organizations] = new { name = "Acme" },
            [Routes.Policies] = new { description = "Policy" },
            [Routes.UserGroups] = new { name = "Group" },
            [Routes.News] = new { text = "News" },
            [Routes.Accounts] = new { username = "anna", password = "a long password" },
            [Routes.Volumes] = new { path = volume.Path },
            [Routes.AccountInstallTokens.Replace("{username}", "user", StringComparison.Ordinal)] = new { },
            [Routes.AccountVaults.Replace("{username}", "user", StringComparison.Ordinal)] =
                new { templateId = "own", selfAddress = "https://backup.example.com/" },
        };

        foreach (var (path, request) in requests)
        {
            using var first = await PostAsync(alice, path, $"key of {path}", request);
            using var second = await PostAsync(alice, path, $"key of {path}", request);
            using var other = await PostAsync(alice, path, $"key of {path}", new { another = "request" });
            using var anew = await PostAsync(alice, path, null, request);

            var body = await first.Content.ReadAsStringAsync();
            Assert.True(first.StatusCode == HttpStatusCode.Created, $"{path}: {first.StatusCode} {body}");
            Assert.False(first.Headers.Contains(Headers.IdempotentReplayed));
            Assert.Equal((first.StatusCode, body), (second.StatusCode, await second.Content.ReadAsStringAsync()));
            Assert.Equal((first.Headers.Location, first.Headers.ETag), (second.Headers.Location, second.Headers.ETag));
            Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
            Assert.Equal(["true"], second.Headers.GetValues(Headers.IdempotentReplayed));
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency_key_reused"), (other.StatusCode, await other.CodeOfAsync()));
            Assert.NotEqual(body, await anew.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [DatabaseData]
    public async Task Secrets_of_request_and_answer_are_not_in_the_database_and_keys_of_two_callers_are_two(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        await host.AddAdministratorAsync("bob", "");
        using var alice = await host.SignInAsync();
        using var bob = await host.SignInAsync("bob");

        var of = new List<JsonElement>();
        foreach (var caller in new[] { alice, bob, alice })
        {
            using var answer = await PostAsync(caller, Routes.Tokens, "same key", new { name = "program", scopes = new[] { "read" } });
            of.Add(await answer.Content.ReadFromJsonAsync<JsonElement>());
        }

        Assert.Equal(of[0].ToString(), of[2].ToString());
        Assert.NotEqual(of[0].GetProperty("token").GetString(), of[1].GetProperty("token").GetString());
        await using var context = await host.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        var rows = await context.Set<IdempotentAnswer>().ToListAsync();
        Assert.Equal(2, rows.Count);
        Assert.All(rows, row => Assert.DoesNotContain(
            of[0].GetProperty("token").GetString()!, Encoding.UTF8.GetString(row.Answer!), StringComparison.Ordinal));
        // Two requests whose bodies differ leave the same mark: nobody can try passwords against it.
        using var third = await PostAsync(alice, Routes.Tokens, "other key", new { name = "another", scopes = new[] { "full" } });
        Assert.Single((await context.Set<IdempotentAnswer>().AsNoTracking().ToListAsync())
            .Select(row => Convert.ToHexString(row.RequestHash)).Distinct());
    }

    [Fact]
    public async Task Refusal_is_not_kept_and_strangers_and_wrong_keys_are_told()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        using var alice = await host.SignInAsync();

        using var refused = await PostAsync(alice, Routes.Buckets, "k", new { id = "-" });
        using var corrected = await PostAsync(alice, Routes.Buckets, "k", new { id = "fine" });
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Created), (refused.StatusCode, corrected.StatusCode));
        using var wrongKey = await PostAsync(alice, Routes.Buckets, new string('k', 201), new { });
        Assert.Equal("idempotency_key_invalid", await wrongKey.CodeOfAsync());
        using var noBody = await PostAsync(alice, Routes.Buckets, "none", null);
        Assert.Equal("bad_request", await noBody.CodeOfAsync());
        using var stranger = await PostAsync(host.Http, Routes.Buckets, "k", new { id = "fine" });
        Assert.Equal((HttpStatusCode.Unauthorized, "session_required"), (stranger.StatusCode, await stranger.CodeOfAsync()));
        using var first = await PostAsync(host.Http, Routes.Sessions, "k", new StartSession(ServerHost.Username, ServerHost.Password));
        using var second = await PostAsync(host.Http, Routes.Sessions, "k", new StartSession(ServerHost.Username, ServerHost.Password));
        Assert.NotEqual(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string? key, object? body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (key is not null)
        {
            request.Headers.Add(Headers.IdempotencyKey, key);
        }

        return await client.SendAsync(request);
    }
}
