using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Keys;
using Halley.Testing;
using static Halley.Server.Tests.AuthRole.Accounts.AccountCalls;

namespace Halley.Server.Tests.AuthRole.Accounts;

/// <summary>A thousand sign-ins at once, half of them from one address and half from one each; none is remembered from before.</summary>
public class SignInFloodTests
{
    private const int AtOnce = 1000;
    private const int Users = 20;

    [Theory]
    [DatabaseData]
    public async Task Thousand_sign_ins_at_once_are_each_let_in_or_told_to_come_again_and_everything_else_goes_on(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions
        {
            Database = database,
            Kestrel = true,
            Settings = { ["Halley:TrustedProxies:0"] = "127.0.0.1", ["Halley:TrustedProxies:1"] = "::1" },
        });
        // The server never learns from which password a key was derived, so any key does.
        var keys = Enumerable.Range(0, Users).ToDictionary(i => i, i => i.ToString($"x{AccountKeys.LKeyDigits}", null));
        using var admin = await host.SignInAsync();
        foreach (var (i, key) in keys)
        {
            (await admin.PostAsJsonAsync(Routes.Accounts, new CreateAccount($"user{i}", LKey: key))).EnsureSuccessStatusCode();
        }

        using var client = host.CreateClient();
        var flood = Enumerable.Range(0, AtOnce).Select(i => Task.Run(() => SignInAsync(client, i, keys[i % Users]))).ToList();
        var others = new List<HttpStatusCode>();
        foreach (var some in flood.Chunk(20))
        {
            using var health = await host.Http.GetAsync(new Uri(Routes.Health, UriKind.Relative));
            others.Add(health.StatusCode);
            await Task.WhenAll(some);
        }

        var outcomes = (await Task.WhenAll(flood)).GroupBy(outcome => outcome).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(AtOnce, outcomes.GetValueOrDefault("in") + outcomes.GetValueOrDefault("later"));
        Assert.True(outcomes.GetValueOrDefault("in") > 0, string.Join(", ", outcomes));
        Assert.All(others, status => Assert.Equal(HttpStatusCode.OK, status));

        // Nothing is left behind: whoever comes again is let in.
        foreach (var (i, key) in keys)
        {
            Assert.Equal("in", await SignInAsync(client, 2 * i, key, $"user{i}"));
        }
    }

    // The even ones by our own API, the odd ones by the vendor's; the first half from one address.
    private static async Task<string> SignInAsync(HttpClient client, int number, string lKey, string? user = null)
    {
        user ??= $"user{number % Users}";
        var (own, address) = (number % 2 == 0, number < AtOnce / 2 ? "192.0.2.1" : $"198.51.{number / 250}.{number % 250}");
        using var request = new HttpRequestMessage(HttpMethod.Post, own ? Routes.Sessions : $"{Routes.CometApi}/user/web/session/start")
        {
            Content = own ? JsonContent.Create(new StartSession(user, LKey: lKey))
                : new FormUrlEncodedContent(
                    [new("Username", user), .. ByLKey(lKey).Select(field => KeyValuePair.Create(field.Name, field.Value))]),
        };
        request.Headers.Add("X-Forwarded-For", address);
        using var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var status = own ? (int)answer.StatusCode : body.StatusOf();
        return status switch
        {
            200 or 201 => "in",
            429 or 503 when answer.Headers.RetryAfter?.Delta > TimeSpan.Zero => "later",
            _ => $"{status} {body}",
        };
    }
}
