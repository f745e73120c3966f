using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Halley.Protocol;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Quotas;
using Halley.Server.Tests.Organizations;
using Halley.Storage;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>
/// Buckets and organizations stay as small as they are to be, and are told about in time; their size is known day by day.
/// </summary>
public sealed class QuotaTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [DatabaseData]
    public async Task Upload_beyond_the_hard_quota_is_refused_before_its_body_is_read(TestDatabase database)
    {
        await using var host = await BucketHost.OnAsync(servers, database);
        await ChangeAsync(host, new UpdateBucket(HardQuotaBytes: 10_000));
        var (first, large, small) =
            (TestBlob.Of(BlobType.Data, 6000, 1), TestBlob.Of(BlobType.Data, 6000, 2), TestBlob.Of(BlobType.Data, 4000, 3));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(host, first));

        using var refused = await host.Vault.PostAsync(host.Url(large.Name.ToString()), new ByteArrayContent(large.Content));
        Assert.Equal(HttpStatusCode.InsufficientStorage, refused.StatusCode);
        Assert.Equal("quota_exceeded", JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.InsufficientStorage, await PostAsync(host, large, announced: false));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(host, first)); // is there
        Assert.Equal(HttpStatusCode.OK, await PostAsync(host, small, announced: false)); // an exact fit
        Assert.Equal(HttpStatusCode.InsufficientStorage, await PostAsync(host, TestBlob.Of(BlobType.Snapshots, 1, 4)));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(host, TestBlob.Of(BlobType.Locks, 100, 5))); // or nothing could be deleted

        Assert.Equal(HttpStatusCode.OK, (await host.Vault.DeleteAsync(host.Url(first.Name.ToString()))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(host, TestBlob.Of(BlobType.Snapshots, 1, 4)));
        await ChangeAsync(host, new UpdateBucket(HardQuotaBytes: 0));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(host, large));
        Assert.All(host.Server.Service<BucketCache>().All, bucket => Assert.Equal(0, bucket.Reserved));
    }

    [Fact]
    public async Task Uploads_at_the_same_time_do_not_exceed_a_quota_together()
    {
        await using var host = await BucketHost.OnAsync(servers);
        await ChangeAsync(host, new UpdateBucket(HardQuotaBytes: 50_000));

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(seed => PostAsync(host, TestBlob.Of(BlobType.Data, 4000, seed), announced: seed % 2 == 0)));

        Assert.InRange((await host.Admin.GetFromJsonAsync<BucketInfo>($"/api/v2/buckets/{host.Id}"))!.Quota.UsedBytes, 4000, 50_000);
        Assert.All(answers, answer => Assert.True(
            answer is HttpStatusCode.OK or HttpStatusCode.InsufficientStorage or HttpStatusCode.ServiceUnavailable, $"{answer}"));
    }

    [Fact]
    public async Task Upload_that_is_announced_but_not_sent_uses_up_no_quota()
    {
        await using var host = await BucketHost.OnAsync(servers);
        await ChangeAsync(host, new UpdateBucket(HardQuotaBytes: 10_000_000));
        await using var announced = await StalledUpload.StartAsync(host, host.Secret, announced: 9_000_000, sent: 200_000);
        await Eventually.HoldsAsync(
            "the upload has begun", TimeSpan.FromSeconds(10),
            () => host.Server.Service<BucketCache>().TryFind(host.Id, out var bucket) && bucket.Reserved > 1_000_000);

        Assert.Equal(HttpStatusCode.OK, await PostAsync(host, TestBlob.Of(BlobType.Data, 6_000_000, 1)));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await PostAsync(host, TestBlob.Of(BlobType.Data, 3_500_000, 2)));
        Assert.Equal(HttpStatusCode.InsufficientStorage, await PostAsync(host, TestBlob.Of(BlobType.Data, 5_000_000, 3)));
    }

    [Theory]
    [DatabaseData]
    public async Task Files_in_the_trash_count_and_each_step_is_told_once(TestDatabase database)
    {
        await using var host = await BucketHost.StartAsync(database);
        await ChangeAsync(host, new UpdateBucket(HoldDays: 7, SoftQuotaBytes: 5000, HardQuotaBytes: 10_000));
        var watch = host.Server.Service<QuotaWarningWork>();
        var (first, second) = (TestBlob.Of(BlobType.Data, 6000, 1), TestBlob.Of(BlobType.Data, 3300, 2));
        await PostAsync(host, first);
        await watch.RunOnceAsync(CancellationToken.None);
        await watch.RunOnceAsync(CancellationToken.None);
        Assert.Equal(["the soft quota"], await ReachedAsync(host));

        await host.Vault.DeleteAsync(host.Url(first.Name.ToString()));
        await PostAsync(host, second);
        Assert.Equal(HttpStatusCode.InsufficientStorage, await PostAsync(host, TestBlob.Of(BlobType.Data, 1000, 3)));
        await watch.RunOnceAsync(CancellationToken.None);
        await watch.RunOnceAsync(CancellationToken.None);
        Assert.Equal(["the soft quota", "90 % of the hard quota"], await ReachedAsync(host));
    }

    [Theory]
    [DatabaseData]
    public async Task Organization_shares_a_quota_among_its_buckets(TestDatabase database)
    {
        await using var host = await BucketHost.StartAsync(database);
        var organization = await host.Server.AddOrganizationAsync("Acme");
        var address = $"{Routes.Organizations}/{organization}";
        Assert.Equal(
            HttpStatusCode.BadRequest, (await host.Admin.PatchAsJsonAsync(address, new UpdateOrganization(HardQuotaBytes: -1))).StatusCode);
        using var changed =
            await host.Admin.PatchAsJsonAsync(address, new UpdateOrganization(SoftQuotaBytes: 4000, HardQuotaBytes: 10_000));
        Assert.Equal(10_000, (await changed.Content.ReadFromJsonAsync<OrganizationInfo>())!.HardQuotaBytes);
        var buckets = new List<BucketCreated>();
        for (var i = 0; i < 2; i++)
        {
            buckets.Add(
                await BucketHost.PostAsync<BucketCreated>(host.Admin, Routes.Buckets, new CreateBucket(OrganizationId: organization)));
        }

        var blob = TestBlob.Of(BlobType.Data, 6000, 1);
        var answers = new List<HttpStatusCode>();
        foreach (var bucket in buckets)
        {
            using var client = host.Client(bucket.Secret, bucket.Bucket.Id);
            using var answer = await client.PostAsync($"/vault/{bucket.Bucket.Id}/{blob.Name}", new ByteArrayContent(blob.Content));
            answers.Add(answer.StatusCode);
        }

        await host.Server.Service<QuotaWarningWork>().RunOnceAsync(CancellationToken.None);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.InsufficientStorage], answers);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(host, blob)); // of the top level
        Assert.Equal(["the soft quota"], await ReachedAsync(host));
    }

    [Theory]
    [DatabaseData]
    public async Task Size_is_written_down_day_by_day(TestDatabase database)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 22, 0, 0, TimeSpan.Zero));
        await using var host = await BucketHost.StartAsync(new ServerHostOptions { Database = database, Kestrel = true, Time = time });
        var history = host.Server.Service<BucketHistoryWork>();
        await PostAsync(host, TestBlob.Of(BlobType.Data, 1000, 1));
        await history.RunOnceAsync(CancellationToken.None);
        await PostAsync(host, TestBlob.Of(BlobType.Data, 500, 2));
        await host.Vault.DeleteAsync(host.Url(TestBlob.Of(BlobType.Data, 1000, 1).Name.ToString()));
        await history.RunOnceAsync(CancellationToken.None);
        time.Advance(TimeSpan.FromHours(3));
        await PostAsync(host, TestBlob.Of(BlobType.Data, 300, 3));
        await history.RunOnceAsync(CancellationToken.None);

        using var admin = await host.Server.SignInAsync(); // the first session has ended meanwhile
        var days = (await admin.GetFromJsonAsync<Page<BucketDayInfo>>($"/api/v2/buckets/{host.Id}/history"))!.Items;
        Assert.Equal([new(new(2030, 1, 1), 500, 1, 0, 1), new(new(2030, 1, 2), 800, 2, 0, 0)], days);
        var second =
            (await admin.GetFromJsonAsync<Page<BucketDayInfo>>($"/api/v2/buckets/{host.Id}/history?from=2030-01-02&to=2030-01-09"))!.Items;
        Assert.Equal(days.Skip(1), second);
    }

    private static async Task ChangeAsync(BucketHost host, UpdateBucket changes)
    {
        using var answer = await host.Admin.PatchAsJsonAsync($"/api/v2/buckets/{host.Id}", changes);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<IEnumerable<string>> ReachedAsync(BucketHost host) =>
        JsonNode.Parse(await host.Admin.GetStringAsync(Routes.Events + "?limit=1000"))!["items"]!.AsArray()
            .Where(told => told!["type"]!.GetValue<int>() is 100004 or 100005)
            .Select(told => told!["data"]!["reached"]!.GetValue<string>());

    private static async Task<HttpStatusCode> PostAsync(BucketHost host, TestBlob blob, bool announced = true)
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Post, host.Url(blob.Name.ToString())) { Content = new ByteArrayContent(blob.Content) };
        request.Headers.TransferEncodingChunked = !announced;
        using var answer = await host.Vault.SendAsync(request);
        return answer.StatusCode;
    }
}
