using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Events;
using Halley.Protocol.Profiles;
using Halley.Server.Events;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;
using Microsoft.Extensions.Hosting;

namespace Halley.Server.Tests.Events;

/// <summary>Whatever opens or closes something leaves an event with its actor and its subject.</summary>
public class AuditTests
{
    [Theory]
    [DatabaseData]
    public async Task Keys_volumes_passwords_and_a_hurried_stop_leave_events(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        using var directory = new TemporaryDirectory();
        using var admin = await host.SignInAsync();
        await host.AddUserAsync(AccountCalls.User, AccountCalls.Password, ("StoreRecoveryCode", "1"));
        await host.AsAdministratorAsync("storage/register-bucket", ("SetBucketValue", "bucket-1"));
        using var told = host.Service<EventFeed>().Subscribe(EventTenant.All, 1000);

        using var added = await admin.PostAsJsonAsync(
            Routes.ToBucketKeys("bucket-1"), new CreateBucketKey(BucketKeyMode.ReadOnly, "auditor"));
        var key = await added.Content.ReadFromJsonAsync<BucketKeyCreated>();
        await admin.DeleteAsync(new Uri(Routes.ToBucketKey("bucket-1", key!.Key.Id), UriKind.Relative));
        using var made = await admin.PostAsJsonAsync(Routes.Volumes, new AddVolume(directory.Combine("second")));
        var volume = (await made.Content.ReadFromJsonAsync<VolumeInfo>())!.Id;
        using var changed = await admin.PatchAsJsonAsync(Routes.ToVolume(volume), new UpdateVolume(VolumeMode.ReadOnly));
        await admin.DeleteAsync(new Uri(Routes.ToVolume(volume), UriKind.Relative));
        var reset = await host.AsAdministratorAsync(
            "reset-user-password", ("TargetUser", AccountCalls.User), ("NewPassword", "another long password"));
        Assert.Equal(200, reset.StatusOf());
        // As when connections that do not end have used up the time that a server has for its stop.
        await host.Service<IEnumerable<IHostedService>>().OfType<ServerLife>().Single().StopAsync(new CancellationToken(canceled: true));
        await host.Service<EventFeed>().CatchUpAsync(default);

        var seen = new List<(StreamableEventType, string, string)>();
        while (told.Events.TryRead(out var record))
        {
            seen.Add((record.Type, record.Actor, record.ResourceId));
            Assert.DoesNotContain(key.Secret!, record.Data ?? "", StringComparison.Ordinal);
        }

        (StreamableEventType, string)[] expected =
        [
            (StreamableEventType.BucketKeyAdded, "bucket-1"), (StreamableEventType.BucketKeyRevoked, "bucket-1"),
            (StreamableEventType.VolumeAdded, volume.ToString()), (StreamableEventType.VolumeChanged, volume.ToString()),
            (StreamableEventType.VolumeRemoved, volume.ToString()), (StreamableEventType.AccountPasswordChanged, AccountCalls.User),
        ];
        Assert.Contains((StreamableEventType.ServerShutdown, "", ""), seen);
        Assert.All(expected, one => Assert.Contains((one.Item1, ServerHost.Username, one.Item2), seen));
    }

    [Fact]
    public async Task Read_only_token_sees_neither_a_hash_nor_a_key()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        using var admin = await host.SignInAsync();
        await host.AddUserAsync();
        var profile = (await host.ReadProfileAsync()).Profile;
        profile.Destinations["v"] = new DestinationConfig
        {
            DestinationType = 1003,
            CometBucket = "bucket-1",
            CometBucketKey = "0123456789abcdef",
        };
        await host.AsAdministratorAsync(
            "set-user-profile", ("TargetUser", AccountCalls.User), ("ProfileData", JsonSerializer.Serialize(profile, CometJson.Options)));

        var shown = await ReadAsync(host, admin, "accounts");
        var hidden = await ReadAsync(host, admin, "read");

        Assert.Contains("0123456789abcdef", shown, StringComparison.Ordinal);
        Assert.Contains("$2a$", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789abcdef", hidden, StringComparison.Ordinal);
        Assert.DoesNotContain("$2a$", hidden, StringComparison.Ordinal);
        Assert.Equal("bucket-1", JsonDocument.Parse(hidden).RootElement.GetProperty("Destinations").GetProperty("v")
            .GetProperty("CometBucket").GetString());
    }

    private static async Task<string> ReadAsync(ServerHost host, HttpClient admin, string scope)
    {
        using var made = await admin.PostAsJsonAsync(Routes.Tokens, new CreateToken(scope, [scope]));
        var token = (await made.Content.ReadFromJsonAsync<TokenCreated>())!.Token;
        using var client = host.CreateClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return await client.GetStringAsync(new Uri($"{Routes.ToAccount(AccountCalls.User)}/profile", UriKind.Relative));
    }
}
