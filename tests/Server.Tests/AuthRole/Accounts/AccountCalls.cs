using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;
using Halley.Testing;

namespace Halley.Server.Tests.AuthRole.Accounts;

/// <summary>Calls of an administrator about users, and of users, in the shape the vendor's clients send.</summary>
internal static class AccountCalls
{
    public const string User = "bob@example.com";
    public const string Password = "a pass phrase of bob";
    private static readonly ConcurrentDictionary<(string User, string Password), string> LKeys = new();

    /// <summary>The administrator's call with his session.</summary>
    public static Task<JsonElement> AsAdministratorAsync(this ServerHost host, string call, params (string Name, string Value)[] fields) =>
        host.CallCometAsync($"admin/{call}", [
            new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", ServerHost.Password),
            .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)),
        ]);

    public static Task<JsonElement> AddUserAsync(
        this ServerHost host, string user = User, string password = Password, params (string Name, string Value)[] further) =>
        host.AsAdministratorAsync("add-user", [("TargetUser", user), ("TargetPassword", password), .. further]);

    /// <summary>Adds the user by the L-key of the password, as a client does that keeps the password from the server.</summary>
    public static async Task AddUserByLKeyAsync(this ServerHost host)
    {
        using var admin = await host.SignInAsync();
        using var answer = await admin.PostAsJsonAsync(Routes.Accounts, new CreateAccount(User, LKey: LKeyOf()));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>A user's call with the given credential.</summary>
    public static Task<JsonElement> AsUserAsync(
        this ServerHost host, string call, (string Name, string Value)[] credential, params (string Name, string Value)[] fields) =>
        host.CallCometAsync($"user/web/{call}", [
            new("Username", User), .. credential.Concat(fields).Select(field => KeyValuePair.Create(field.Name, field.Value)),
        ]);

    public static (string Name, string Value)[] ByPassword(string password = Password) =>
        [("AuthType", "Password"), ("Password", password)];

    public static (string Name, string Value)[] ByLKey(string lKey) => [("AuthType", "LKey"), ("LKey", lKey)];

    public static async Task<(string Name, string Value)[]> SessionOfUserAsync(this ServerHost host, string password = Password)
    {
        var started = await host.AsUserAsync("session/start", ByLKey(LKeyOf(User, password)));
        return [("AuthType", "SessionKey"), ("SessionKey", started.GetProperty("SessionKey").GetString()!)];
    }

    /// <summary>The L-key of a user, derived once per process: a derivation is meant to be slow.</summary>
    public static string LKeyOf(string user = User, string password = Password) =>
        LKeys.GetOrAdd((user, password), static of =>
            AccountKeys.TryDeriveLKey(AccountKeys.CurrentKdf, of.User, of.Password, out var lKey, out _)
                ? lKey
                : throw new ArgumentException("No password"));

    public static int StatusOf(this JsonElement answer) => answer.GetProperty("Status").GetInt32();

    public static async Task<(UserProfileConfig Profile, string Hash)> ReadProfileAsync(this ServerHost host, string user = User)
    {
        var answer = await host.AsAdministratorAsync("get-user-profile-and-hash", ("TargetUser", user));
        return (answer.GetProperty("Profile").Deserialize<UserProfileConfig>(CometJson.Options)!,
            answer.GetProperty("ProfileHash").GetString()!);
    }

    public static Task<JsonElement> WriteProfileAsync(this ServerHost host, UserProfileConfig profile, string? hash = null) => hash is null
        ? host.AsAdministratorAsync("set-user-profile", ("TargetUser", User), ("ProfileData", Json(profile)))
        : host.AsAdministratorAsync("set-user-profile-hash", ("TargetUser", User), ("ProfileData", Json(profile)), ("RequireHash", hash));

    public static Task<JsonElement> WriteOwnProfileAsync(
        this ServerHost host, (string Name, string Value)[] credential, UserProfileConfig profile, string hash) =>
        host.AsUserAsync("set-profile-hash", credential, ("ProfileData", Json(profile)), ("ProfileHash", hash));

    public static string Json(CometDocument document) => JsonSerializer.Serialize(document, document.GetType(), CometJson.Options);

    /// <summary>A client of <c>/api/v2</c> that is signed in as a user.</summary>
    public static async Task<HttpClient> SignInUserAsync(this ServerHost host, StartSession request)
    {
        using var answer = await host.Http.PostAsJsonAsync(Routes.Sessions, request);
        answer.EnsureSuccessStatusCode();
        var started = (await answer.Content.ReadFromJsonAsync<SessionStarted>())!;
        var client = host.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", started.SessionKey);
        return client;
    }

    public static async Task<string> CodeOfAsync(this HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()!;
}
