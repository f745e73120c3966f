using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Keys;
using Halley.Protocol.Profiles;

namespace Halley.EndToEnd.Tests;

/// <summary>What a client keeps to itself is not in the memory of the running server either.</summary>
public class ServerMemoryTests(SharedInstallation shared) : IClassFixture<SharedInstallation>
{
    [Fact]
    public async Task L_key_path_leaves_neither_password_nor_R_key_in_memory()
    {
        var installation = shared.Installation;
        var name = $"carol-{RandomHex()}";
        var password = $"pässwörd {RandomHex()}";
        Assert.True(AccountKeys.TryDerive(AccountKeys.CurrentKdf, name, password, out var keys, out _));
        using (keys)
        {
            await UseAccountAsync(installation.Server.Address, name, keys!);
            var secrets = FormsOf(Encoding.UTF8.GetBytes(password)).Concat(TextForms(password.Split(' ')[1]))
                .Concat(FormsOf(keys!.RKey.ToArray())).ToList();
            // The same look finds what the server does know.
            var known = TextForms(name).ToList();
            var found = CountInMemory(installation.Server.Id, [.. secrets, .. known]);
            Assert.All(found[..secrets.Count], count => Assert.Equal(0, count));
            Assert.True(found[secrets.Count..].Sum() > 0);
        }
    }

    private static async Task UseAccountAsync(Uri server, string name, AccountKeys keys)
    {
        using var http = new HttpClient { BaseAddress = server };
        await SignInAsync(http, new StartSession(AdminClient.Username, AdminClient.Password));
        using var made = await http.PostAsJsonAsync(Routes.Accounts, new CreateAccount(name, LKey: keys.LKey));
        made.EnsureSuccessStatusCode();
        await SignInAsync(http, new StartSession(name, LKey: keys.LKey, Device: new RegisterDevice("d", "device")));

        using var read = await http.GetAsync(new Uri(Routes.UserProfile, UriKind.Relative));
        var profile = JsonSerializer.Deserialize<UserProfileConfig>(await read.Content.ReadAsStringAsync(), CometJson.Options)!;
        profile.Destinations["v"] =
            new DestinationConfig { EncryptedEncryptionKey = ProfileSecret.Seal(keys.RKey, SecretPurpose.VaultKey, [1, 2, 3]) };
        using var save = new HttpRequestMessage(HttpMethod.Put, Routes.UserProfile)
        {
            Content = JsonContent.Create(profile, options: CometJson.Options),
        };
        save.Headers.IfMatch.Add(read.Headers.ETag!);
        using var saved = await http.SendAsync(save);
        saved.EnsureSuccessStatusCode();
    }

    private static async Task SignInAsync(HttpClient http, StartSession request)
    {
        using var answer = await http.PostAsJsonAsync(Routes.Sessions, request);
        answer.EnsureSuccessStatusCode();
        var key = (await answer.Content.ReadFromJsonAsync<SessionStarted>())!.SessionKey;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    private static string RandomHex() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));

    private static IEnumerable<byte[]> FormsOf(byte[] secret) =>
        [secret, .. TextForms(Convert.ToHexStringLower(secret)), .. TextForms(Convert.ToHexString(secret)),
            .. TextForms(Convert.ToBase64String(secret))];

    private static IEnumerable<byte[]> TextForms(string text) => [Encoding.UTF8.GetBytes(text), Encoding.Unicode.GetBytes(text)];

    /// <summary>How often each of some texts is in the memory that a process can write to.</summary>
    private static int[] CountInMemory(int process, IReadOnlyList<byte[]> wanted)
    {
        const int Portion = 1024 * 1024;
        var found = new int[wanted.Count];
        // Each portion reaches a little into the next one, so that nothing is missed between two.
        var buffer = new byte[Portion + wanted.Max(one => one.Length) - 1];
        using var memory = File.OpenHandle($"/proc/{process}/mem");
        foreach (var (start, end) in WritableRanges(process))
        {
            for (var at = start; at < end; at += Portion)
            {
                var read = ReadIfMapped(memory, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)), at);
                for (var i = 0; i < wanted.Count && buffer.AsSpan(0, read).ContainsAnyExcept((byte)0); i++)
                {
                    found[i] += buffer.AsSpan(0, read).Count(wanted[i]);
                }
            }
        }

        return found;
    }

    private static IEnumerable<(long Start, long End)> WritableRanges(int process) =>
        from line in File.ReadLines($"/proc/{process}/maps")
        let parts = line.Split(' ', 3)
        where parts[1].StartsWith("rw", StringComparison.Ordinal)
        let range = parts[0].Split('-')
        select (Convert.ToInt64(range[0], 16), Convert.ToInt64(range[1], 16));

    // The process goes on meanwhile: what it has given back since it was asked for its ranges cannot be read.
    private static int ReadIfMapped(Microsoft.Win32.SafeHandles.SafeFileHandle memory, Span<byte> buffer, long at)
    {
        try
        {
            return RandomAccess.Read(memory, buffer, at);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
