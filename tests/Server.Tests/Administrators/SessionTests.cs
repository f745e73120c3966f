using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Server.Administrators;
using Halley.Server.Data;
using Halley.Server.Settings;
using Halley.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Administrators;

public class SessionTests
{
    [Theory]
    [DatabaseData]
    public async Task Session_is_good_until_it_is_ended(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        using var signedIn = await host.SignInAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await signedIn.GetAsync(new Uri("/api/v2/nothing", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await signedIn.DeleteAsync(new Uri(Routes.CurrentSession, UriKind.Relative))).StatusCode);
        var after = await signedIn.DeleteAsync(new Uri(Routes.CurrentSession, UriKind.Relative));

        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        Assert.Equal("Bearer", after.Headers.WwwAuthenticate.ToString());
        Assert.Equal("session_required", await CodeOfAsync(after));
    }

    [Fact]
    public async Task Name_that_nobody_can_have_is_refused_like_any_other()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        foreach (var name in new[] { "\ufffe", "a" + new string('\u0301', 50_000), "" })
        {
            using var answer = await host.TrySignInAsync(name);

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("invalid_credentials", await CodeOfAsync(answer));
        }

        using var noText = await host.TrySignInAsync("a\0b", "x");
        Assert.Equal(HttpStatusCode.BadRequest, noText.StatusCode);
    }

    [Fact]
    public async Task Start_answers_201_with_a_key_of_256_bits_and_its_times()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Time = time });

        using var answer = await host.TrySignInAsync("ALICE");
        var session = (await answer.Content.ReadFromJsonAsync<JsonElement>())!;

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Matches("^[0-9a-f]{64}$", session.GetProperty("sessionKey").GetString());
        Assert.Equal("alice", session.GetProperty("username").GetString());
        Assert.Equal("2030-01-01T00:30:00Z", session.GetProperty("expiresAt").GetString());
        Assert.Equal("2030-01-03T00:00:00Z", session.GetProperty("endsAt").GetString());
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    [Theory]
    [DatabaseData]
    public async Task Session_slides_with_use_and_ends_at_the_latest_after_two_days(TestDatabase database)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        var sessions = host.Service<AdministratorSessions>();
        var used = (await host.StartSessionAsync()).SessionKey;
        var idle = (await host.StartSessionAsync()).SessionKey;
        var hours = 0.0;
        while (await sessions.UseAsync(used, null, default) is not null)
        {
            time.Advance(TimeSpan.FromMinutes(29));
            hours += 29.0 / 60;
        }

        Assert.InRange(hours, 48, 48.5);
        Assert.Null(await sessions.UseAsync(idle, null, default));
    }

    [Fact]
    public async Task Only_the_hash_of_a_key_is_stored_and_ended_sessions_are_removed()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Time = time });
        var key = (await host.StartSessionAsync()).SessionKey;
        await using var database = await host.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        var stored = await database.Set<AdministratorSession>().SingleAsync();
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(key)), stored.KeyHash);
        Assert.Equal(DateTimeKind.Utc, stored.StartedAt.Kind);

        time.Advance(TimeSpan.FromMinutes(30));
        await host.Service<AdministratorSessions>().RemoveExpiredAsync(default);

        Assert.Empty(await database.Set<AdministratorSession>().ToListAsync());
    }

    [Fact]
    public async Task Wrong_password_unknown_name_and_locked_name_get_the_same_answer()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        var answers = new List<string>
        {
            await TextOfAsync(await host.TrySignInAsync("nobody", "whatever else")),
            await TextOfAsync(await host.TrySignInAsync("", "")),
        };
        for (var i = 0; i < LoginRules.DefaultThreshold; i++)
        {
            answers.Add(await TextOfAsync(await host.TrySignInAsync(password: $"wrong {i}")));
        }

        answers.Add(await TextOfAsync(await host.TrySignInAsync()));

        Assert.Single(answers.Distinct());
        Assert.StartsWith("401 ", answers[0], StringComparison.Ordinal);
        Assert.Contains("\"code\":\"invalid_credentials\"", answers[0], StringComparison.Ordinal);
    }

    [Theory]
    [DatabaseData]
    public async Task Five_wrong_passwords_lock_for_five_minutes(TestDatabase database)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        using var before = await host.SignInAsync();
        for (var i = 0; i < LoginRules.DefaultThreshold; i++)
        {
            await host.TrySignInAsync(password: $"wrong {i}");
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await host.TrySignInAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await before.GetAsync(new Uri("/api/v2/nothing", UriKind.Relative))).StatusCode);
        time.Advance(LoginRules.DefaultCooldown + TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Created, (await host.TrySignInAsync()).StatusCode);
    }

    [Theory]
    [DatabaseData]
    public async Task Changed_password_ends_the_other_sessions_and_keeps_the_own(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        var own = (await host.StartSessionAsync()).SessionKey;
        var other = (await host.StartSessionAsync()).SessionKey;
        var sessions = host.Service<AdministratorSessions>();
        var caller = (await sessions.UseAsync(own, null, default))!;
        await using var scope = host.CreateScope();
        var account = scope.ServiceProvider.GetRequiredService<OwnAccountActions>();

        Assert.Equal("current_password_wrong", (await account.ChangePasswordAsync(caller, "not it", "another one", default))?.Code);
        Assert.Equal("password_unacceptable", (await account.ChangePasswordAsync(caller, ServerHost.Password, "short", default))?.Code);
        Assert.Null(await account.ChangePasswordAsync(caller, ServerHost.Password, "another one", default));

        Assert.NotNull(await sessions.UseAsync(own, null, default));
        Assert.Null(await sessions.UseAsync(other, null, default));
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.TrySignInAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await host.TrySignInAsync(password: "another one")).StatusCode);
    }

    [Theory]
    [DatabaseData]
    public async Task Own_sessions_are_listed_and_ended_and_those_of_others_are_not(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        using var alice = await host.SignInAsync();
        var other = (await host.StartSessionAsync()).SessionKey;
        await alice.PostAsJsonAsync(Routes.Administrators, new CreateAdministrator("bob", "a long password"));
        using var bob = await host.SignInAsync("bob", "a long password");

        var listed = (await alice.GetFromJsonAsync<Page<SessionInfo>>(Routes.Sessions))!.Items;

        Assert.Equal([true, false], listed.Select(session => session.Current));
        var ended = new Uri($"{Routes.Sessions}/{listed[1].Id}", UriKind.Relative);
        Assert.Equal(HttpStatusCode.NotFound, (await bob.DeleteAsync(ended)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync(ended)).StatusCode);
        Assert.Null(await host.Service<AdministratorSessions>().UseAsync(other, null, default));
    }

    [Fact]
    public async Task Hash_of_an_older_work_factor_is_replaced_at_the_next_sign_in()
    {
        using var directory = new TemporaryDirectory();
        await using (var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { DataDirectory = directory.Path }))
        {
            Assert.StartsWith("$2a$04$", await HashAsync(host), StringComparison.Ordinal);
        }

        await using var later = await ServerHost.StartAsync(new ServerHostOptions
        {
            DataDirectory = directory.Path,
            Settings = { ["Halley:Credentials:WorkFactor"] = "5" },
        });
        await later.StartSessionAsync();
        Assert.StartsWith("$2a$05$", await HashAsync(later), StringComparison.Ordinal);
        await later.StartSessionAsync();
    }

    private static async Task<string> HashAsync(ServerHost host)
    {
        await using var database = await host.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        return (await database.Set<Administrator>().SingleAsync()).PasswordHash!;
    }

    private static async Task<string?> CodeOfAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString();

    // Without the trace id, which is different for every request.
    private static async Task<string> TextOfAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync();
        return $"{(int)answer.StatusCode} {System.Text.RegularExpressions.Regex.Replace(body, "\"traceId\":\"[^\"]*\"", "")}";
    }
}
