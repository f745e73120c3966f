using System.Data.Common;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;
using Halley.Server.Data;
using Halley.Testing;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Tests.AuthRole.Accounts;

/// <summary>
/// What a client keeps to itself is nowhere at the server: not in what it is sent, not in its log, its database or its files.
/// </summary>
public class ZeroKnowledgeTests
{
    private const string User = "carol";
    private readonly List<string> _sent = [];

    [Theory]
    [DatabaseData]
    public async Task L_key_path_shows_the_server_neither_password_nor_r_key(TestDatabase database)
    {
        using var directory = new TemporaryDirectory();
        var (first, second) = (RandomPassword(), RandomPassword());
        using var keys = KeysOf(first);
        using var newKeys = KeysOf(second);
        var stored = new StringBuilder();
        await using (var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions
        {
            Database = database,
            DataDirectory = directory.Path,
            Settings = { ["Halley:Logging:Level"] = "Debug" },
        }))
        {
            await LiveAsync(host, keys, newKeys);
            await ReadDatabaseAsync(host, stored);
        }

        var log = ServerHost.ReadLog(directory.Path);
        var files = string.Concat(Directory.EnumerateFiles(directory.Path, "*", SearchOption.AllDirectories)
            .Select(ReadIfThere));
        Assert.Contains(User, stored.ToString(), StringComparison.Ordinal);
        Assert.Contains("/api/v2/sessions", log, StringComparison.Ordinal);
        foreach (var secret in FormsOf(first).Concat(FormsOf(second)).Concat(FormsOf(keys.RKey)).Concat(FormsOf(newKeys.RKey)))
        {
            Assert.All(_sent, body => Assert.DoesNotContain(secret, body, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(secret, log, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(secret, stored.ToString(), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(secret, files, StringComparison.OrdinalIgnoreCase);
        }

        // The L-key is sent, and all the same kept nowhere.
        foreach (var lKey in new[] { keys.LKey, newKeys.LKey })
        {
            Assert.DoesNotContain(lKey, log, StringComparison.Ordinal);
            Assert.DoesNotContain(lKey, stored.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(lKey, files, StringComparison.Ordinal);
        }
    }

    // The last connection to the database takes its log away when it is closed.
    private static string ReadIfThere(string file)
    {
        try
        {
            return Encoding.Latin1.GetString(File.ReadAllBytes(file));
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }

    private async Task LiveAsync(ServerHost host, AccountKeys keys, AccountKeys newKeys)
    {
        using var admin = await host.SignInAsync();
        using var made = await SendAsync(admin, HttpMethod.Post, Routes.Accounts, new CreateAccount(User, LKey: keys.LKey));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var v1 = await host.CallCometAsync(
            "user/web/session/start", [new("Username", User), new("AuthType", "LKey"), new("LKey", keys.LKey)]);
        Assert.Equal(200, v1.GetProperty("Status").GetInt32());
        using var user = host.CreateClient();
        await SignInAsync(user, keys);

        using var read = await user.GetAsync(new Uri(Routes.UserProfile, UriKind.Relative));
        var profile = JsonSerializer.Deserialize<UserProfileConfig>(await read.Content.ReadAsStringAsync(), CometJson.Options)!;
        profile.Destinations["v"] =
            new DestinationConfig { EncryptedEncryptionKey = ProfileSecret.Seal(keys.RKey, SecretPurpose.VaultKey, [1, 2, 3]) };
        using var saved = await SendAsync(user, HttpMethod.Put, Routes.UserProfile, profile, read.Headers.ETag!.ToString());
        Assert.Equal(HttpStatusCode.OK, saved.StatusCode);
        profile.Destinations["v"].EncryptedEncryptionKey = ProfileSecret.Seal(newKeys.RKey, SecretPurpose.VaultKey, [1, 2, 3]);
        var change = new ChangeLKey { CurrentLKey = keys.LKey, NewLKey = newKeys.LKey, Profile = profile };
        using var changed = await SendAsync(user, HttpMethod.Put, Routes.UserPassword, change, saved.Headers.ETag!.ToString());
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
        using var refused = await SendAsync(user, HttpMethod.Post, Routes.Sessions, new StartSession(User, LKey: keys.LKey));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        await SignInAsync(user, newKeys);
    }

    private async Task SignInAsync(HttpClient user, AccountKeys keys)
    {
        using var answer = await SendAsync(
            user, HttpMethod.Post, Routes.Sessions, new StartSession(User, LKey: keys.LKey, Device: new RegisterDevice("d", "device")));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var started = JsonSerializer.Deserialize<SessionStarted>(await answer.Content.ReadAsStringAsync(), JsonSerializerOptions.Web)!;
        user.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", started.SessionKey);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string path, object body, string? ifMatch = null)
    {
        var isVendors = body is UserProfileConfig or ChangeLKey;
        _sent.Add(JsonSerializer.Serialize(body, body.GetType(), isVendors ? CometJson.Options : JsonSerializerOptions.Web));
        using var request =
            new HttpRequestMessage(method, path) { Content = new StringContent(_sent[^1], Encoding.UTF8, "application/json") };
        if (ifMatch is not null)
        {
            request.Headers.IfMatch.Add(EntityTagHeaderValue.Parse(ifMatch));
        }

        return await client.SendAsync(request);
    }

    // Every value of every row, bytes as hex and as text.
    private static async Task ReadDatabaseAsync(ServerHost host, StringBuilder all)
    {
        await using var database = await host.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        await database.Database.OpenConnectionAsync();
        foreach (var table in database.Model.GetEntityTypes().Select(type => type.GetTableName()).OfType<string>().Distinct())
        {
            await using DbCommand command = database.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // names of the model's own tables
            command.CommandText = $"SELECT * FROM \"{table}\"";
#pragma warning restore CA2100
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                for (var i = 0; i < reader.FieldCount; i++)
                {
                    all.Append(reader.GetValue(i) switch
                    {
                        byte[] bytes => $"{Convert.ToHexStringLower(bytes)}\n{Encoding.Latin1.GetString(bytes)}\n",
                        var value => $"{value}\n",
                    });
                }
            }
        }
    }

    private static string RandomPassword() => $"pässwörd {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";

    private static AccountKeys KeysOf(string password) =>
        AccountKeys.TryDerive(AccountKeys.CurrentKdf, User, password, out var keys, out _)
            ? keys
            : throw new ArgumentException("No password");

    // The random part alone would be enough for whoever finds it.
    private static string[] FormsOf(string password) =>
        [password.Split(' ')[1], Convert.ToHexStringLower(Encoding.UTF8.GetBytes(password)),
            Convert.ToBase64String(Encoding.UTF8.GetBytes(password))];

    private static string[] FormsOf(ReadOnlySpan<byte> key) =>
        [Convert.ToHexStringLower(key), Convert.ToBase64String(key), Encoding.Latin1.GetString(key)];
}
