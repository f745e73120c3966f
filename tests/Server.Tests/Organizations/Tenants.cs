using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Organizations;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.AuthRole.UserPolicies;
using Halley.Server.Data;
using Halley.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Halley.Server.Tests.Organizations;

/// <summary>People of several tenants on one server. Everybody has the same password.</summary>
internal static class Tenants
{
    public static Task<JsonElement> CallAsAsync(
        this ServerHost host, string administrator, string path, params (string Name, string Value)[] fields) =>
        host.CallCometAsync(
            $"admin/{path}",
            [
                new("Username", administrator), new("AuthType", "Password"), new("Password", ServerHost.Password),
                .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)),
            ]);

    /// <summary>The same as the administrator of the top level, and only when it succeeds.</summary>
    public static async Task<JsonElement> CallAsync(this ServerHost host, string path, params (string Name, string Value)[] fields)
    {
        var answer = await host.CallAsAsync(ServerHost.Username, path, fields);
        Assert.True(StatusOf(answer) == 200, $"{path}: {answer}");
        return answer;
    }

    /// <summary>The status in a body, 200 where there is none.</summary>
    public static int StatusOf(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("Status", out var status)
            && answer.TryGetProperty("Message", out _)
            ? status.GetInt32()
            : 200;

    public static string ToJson(object document) => JsonSerializer.Serialize(document, CometJson.Options);

    public static async Task<string> AddOrganizationAsync(this ServerHost host, string name, params string[] hosts) =>
        (await host.CallAsync("organization/set", ("Organization", ToJson(new Organization { Name = name, Hosts = [.. hosts] }))))
            .GetProperty("ID").GetString()!;

    public static async Task AddAdministratorAsync(this ServerHost host, string name, string organizationId, string permissions = "{}")
    {
        await using var scope = host.CreateScope();
        var made = await scope.ServiceProvider.GetRequiredService<UserManager<Administrator>>().CreateAsync(
            new Administrator
            {
                UserName = name,
                OrganizationId = organizationId,
                Permissions = permissions,
                CreatedAt = host.Service<TimeProvider>().GetUtcNow().UtcDateTime,
            }, ServerHost.Password);
        Assert.True(made.Succeeded, string.Join(" ", made.Errors.Select(error => error.Description)));
    }

    /// <summary>An account as an import leaves it.</summary>
    public static async Task AddAccountAsync(
        this ServerHost host, string username, string organizationId = "", Action<UserProfileConfig>? edit = null)
    {
        await using var database = await host.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        var now = host.Service<TimeProvider>().GetUtcNow().UtcDateTime;
        var account = new Account
        {
            Id = Guid.NewGuid(),
            Username = username,
            OrganizationId = organizationId,
            CreatedAt = now,
            CreationId = Guid.NewGuid(),
            PasswordHash = host.Service<Server.Credentials.CredentialHasher>().Hash(ServerHost.Password),
            Profile = [],
            ProfileHash = "",
        };
        var profile = new UserProfileConfig { Username = username, AllowPasswordLogin = true };
        edit?.Invoke(profile);
        Assert.Null(await host.Service<PolicyApplication>().ApplyToNewAsync(database, organizationId, profile, default));
        host.Service<ProfileDocument>().Write(account, profile, now);
        database.Add(account);
        await database.SaveChangesAsync();
    }

    public static async Task<UserProfileConfig> ProfileAsync(this ServerHost host, string username) =>
        (await host.Service<ProfileStore>().FindAsync(username, Server.Access.TenantScope.Everything, default))!.Profile;

    /// <summary>Changes a profile as an administrator does; what it is refused for, or null.</summary>
    public static async Task<string?> EditAsync(
        this ServerHost host, string username, Action<UserProfileConfig> edit, params string[] deletions)
    {
        var change = await host.Service<ProfileStore>().ChangeAsync(
            new AccountCaller(Caller.Server with { Name = ServerHost.Username }, username),
            requiredHash: null,
            (_, profile) =>
            {
                edit(profile);
                return null;
            },
            default,
            deletions);
        Assert.NotEqual(RefusalKind.NotFound, change.Refusal?.Kind);
        return change.Refusal?.Reason;
    }

    /// <summary>Numbers of the events there are, in their order.</summary>
    public static async Task<IReadOnlyList<(int Type, string Actor, string Organization, string Resource)>> EventsAsync(
        this ServerHost host)
    {
        await using var database = await host.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        var events = await database.Set<Server.Events.EventRecord>().OrderBy(record => record.Sequence).ToListAsync();
        return [.. events.Select(record => ((int)record.Type, record.Actor, record.OrganizationId, record.ResourceId))];
    }

    /// <summary>A client of /api/v2 that comes through a host name.</summary>
    public static async Task<HttpClient> SignInThroughAsync(this ServerHost host, string username, string name)
    {
        var client = host.CreateClient();
        client.DefaultRequestHeaders.Host = name;
        using var answer = await client.PostAsJsonAsync(Routes.Sessions, new StartSession(username, ServerHost.Password));
        if (answer.IsSuccessStatusCode)
        {
            var session = (await answer.Content.ReadFromJsonAsync<SessionStarted>())!;
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.SessionKey);
        }

        return client;
    }
}
