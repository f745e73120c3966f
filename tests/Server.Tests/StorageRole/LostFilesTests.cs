using System.Net;
using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.OwnVaults;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Scrubs;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Server.Tests.Live;
using Halley.Storage;
using Halley.Storage.Disk;
using Halley.Storage.Scrubbing;
using Halley.Testing;
using Halley.Testing.Live;

namespace Halley.Server.Tests.StorageRole;

/// <summary>Who holds a key of a bucket learns what the bucket has lost, and closes the findings about it when nobody needs it.</summary>
public sealed class LostFilesTests(SharedServers servers) : IClassFixture<SharedServers>
{
    private static readonly string Name = $"data/{new string('a', 64)}";

    [Theory]
    [DatabaseData]
    public async Task Holder_of_a_key_sees_lost_files_and_one_that_may_delete_closes_their_findings(TestDatabase database)
    {
        await using var bucket = await BucketHost.OnAsync(servers, database);
        var findings = bucket.Server.Service<FindingStore>();
        var volume = Guid.NewGuid();
        await findings.RecordAsync(FindingOf(volume, bucket.Id, Name, FindingKind.Corrupt), 0, default);
        await findings.RecordAsync(FindingOf(volume, bucket.Id, "notes.txt", FindingKind.Stray), 0, default);
        await findings.RecordAsync(FindingOf(volume, "another", $"data/{new string('b', 64)}", FindingKind.Corrupt), 0, default);
        var readOnly = await bucket.AddKeyAsync(new CreateBucketKey(BucketKeyMode.AppendOnly, "laptop"));
        using var appender = bucket.Client(readOnly.Secret);
        using var stranger = bucket.Client("ffffffffffffffffffffffffffffffff");
        var path = Routes.ToBucketLostFiles(bucket.Id);

        var lost = (await appender.GetFromJsonAsync<LostFiles>(path))!;
        Assert.Equal([Name], lost.Names);
        Assert.InRange(DateTime.UtcNow - lost.FoundAt!.Value, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(stranger, path, Name));
        Assert.Equal(HttpStatusCode.Forbidden, await ReportAsync(appender, path, Name));
        Assert.Equal(HttpStatusCode.NoContent, await ReportAsync(bucket.Vault, path, "data/other"));
        Assert.Single((await bucket.Vault.GetFromJsonAsync<LostFiles>(path))!.Names);

        Assert.Equal(HttpStatusCode.NoContent, await ReportAsync(bucket.Vault, path, Name));

        var rest = (await bucket.Vault.GetFromJsonAsync<LostFiles>(path))!;
        Assert.Equal((0, null), (rest.Names.Count, rest.FoundAt));
        var found = (await findings.ListAsync(null, volume, null, null, 10, default)).ToDictionary(finding => finding.Path);
        Assert.Equal((ScrubFindingState.Healed, ScrubFindingState.Open), (found[Name].State, found["notes.txt"].State));
    }

    [Theory]
    [DatabaseData]
    public async Task Holder_of_any_key_has_files_read_again_and_strangers_have_not(TestDatabase database)
    {
        await using var bucket = await BucketHost.OnAsync(servers, database);
        var blob = TestBlob.Of(BlobType.Data, 1000, seed: 1);
        await bucket.OpenVault().PutAsync(blob.Name, new MemoryStream(blob.Content), blob.Content.Length, default);
        var name = $"{blob.Name}";
        var readOnly = await bucket.AddKeyAsync(new CreateBucketKey(BucketKeyMode.ReadOnly, "laptop"));
        using var reader = bucket.Client(readOnly.Secret);
        using var stranger = bucket.Client("ffffffffffffffffffffffffffffffff");
        var path = Routes.ToBucketReread(bucket.Id);

        using var answer = await reader.PostAsJsonAsync(path, new RereadFiles([name, Name]));
        var files = (await answer.Content.ReadFromJsonAsync<FilesVerified>())!.Items;

        Assert.Equal((name, true, RereadResult.Right), (files[0].Name, files[0].Present, files[0].Result));
        Assert.Equal((Name, false, null), (files[1].Name, files[1].Present, files[1].Result));
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.PostAsJsonAsync(path, new RereadFiles([name]))).StatusCode);
        var many = await reader.PostAsJsonAsync(path, new RereadFiles([.. Enumerable.Repeat(name, 1001)]));
        Assert.Equal(HttpStatusCode.BadRequest, many.StatusCode);

        var bucketInMemory = bucket.Server.Service<BucketCache>().Find(bucket.Id, TenantScope.Everything)!;
        using var turn = bucket.Server.Service<RereadTurns>().TryEnter(bucketInMemory);
        Assert.NotNull(turn);
        var busy = await reader.PostAsJsonAsync(path, new RereadFiles([name]));
        Assert.Equal(HttpStatusCode.TooManyRequests, busy.StatusCode);
        Assert.NotNull(busy.Headers.RetryAfter);
    }

    [Fact]
    public async Task Connected_device_of_the_account_is_told_once()
    {
        await using var host = await LiveHost.OnAsync(servers);
        await using var device = await host.AttachAsync();
        await using var other = await host.AttachAsync("tablet"); // backs up nothing
        var bucket = (await BucketHost.PostAsync<BucketCreated>(host.Admin, Routes.Buckets, new CreateBucket())).Bucket.Id;
        var changed = await host.Server.Service<ProfileStore>().ChangeAsync(
            AccountCalls.User, TenantScope.Everything, "test",
            profile =>
            {
                profile.Destinations["vault-1"] = new DestinationConfig { DestinationType = DestinationTypes.Server, CometBucket = bucket };
                profile.Sources["item-1"] = new SourceConfig { OwnerDevice = LiveHost.Laptop };
                return null;
            },
            default);
        Assert.Null(changed.Refusal);
        var told = new List<DeviceCommand>();
        device.Answers = command =>
        {
            told.Add(command);
            return TestDevice.Done(command);
        };
        await host.Server.Service<FindingStore>()
            .RecordAsync(FindingOf(Guid.NewGuid(), bucket, Name, FindingKind.Corrupt), 0, default);
        var work = host.Server.Service<LossNoticeWork>();

        await work.RunOnceAsync(default);
        await work.RunOnceAsync(default);

        var command = Assert.Single(told);
        Assert.Equal(CommandCatalog.HealVault.Name, command.Kind);
        Assert.Equal("vault-1", CommandCatalog.HealVault.Read(command.Arguments).Destination);
        Assert.Empty(other.Received);
    }

    private static ScrubFinding FindingOf(Guid volume, string bucket, string path, FindingKind kind) =>
        new(kind, volume, bucket, path, 10, null, null, "It is wrong.", kind == FindingKind.Corrupt ? $"{bucket}/{path}.1" : null);

    private static async Task<HttpStatusCode> ReportAsync(HttpClient client, string path, string name)
    {
        using var answer = await client.PostAsJsonAsync(path, new HealedFiles([name]));
        return answer.StatusCode;
    }
}
