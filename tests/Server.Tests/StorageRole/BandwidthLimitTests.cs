using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Halley.Protocol;
using Halley.Server.Tests.Organizations;
using Halley.Storage;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>Limits of buckets and client networks, from the API down to the socket.</summary>
public sealed class BandwidthLimitTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Theory]
    [DatabaseData]
    public async Task Parallel_uploads_and_downloads_of_a_bucket_share_its_limit(TestDatabase database)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await BucketHost.StartAsync(new ServerHostOptions { Database = database, Kestrel = true, Time = time });
        var stored = TestBlob.Of(BlobType.Data, 200_000, 1);
        await UploadAsync(host, stored);
        await AddAsync(host, new SetBandwidthLimit(100_000, host.Id));
        var began = time.GetUtcNow();

        var work = Task.WhenAll(
            UploadAsync(host, TestBlob.Of(BlobType.Data, 200_000, 2)),
            UploadAsync(host, TestBlob.Of(BlobType.Data, 200_000, 3), announced: false),
            DownloadAsync(host, stored), DownloadAsync(host, stored));
        await PassUntilAsync(time, work);

        // 800 000 bytes, of which a quarter of a second may have been saved up.
        Assert.InRange((time.GetUtcNow() - began).TotalSeconds, 7.7, 60);
    }

    [Theory]
    [DatabaseData]
    public async Task Limit_is_changed_and_removed_while_a_file_flows(TestDatabase database)
    {
        await using var host = await BucketHost.StartAsync(database);
        var stored = TestBlob.Of(BlobType.Data, 4_000_000, 1);
        await UploadAsync(host, stored);
        var limit = await AddAsync(host, new SetBandwidthLimit(1024, host.Id)); // more than an hour
        var work = Task.WhenAll(DownloadAsync(host, stored), UploadAsync(host, TestBlob.Of(BlobType.Data, 4_000_000, 2)));

        using var raised =
            await host.Admin.PutAsJsonAsync(Address(limit), new SetBandwidthLimit(2048, host.Id, Direction: BandwidthDirection.Upload));
        Assert.Equal((2048, BandwidthDirection.Upload),
            await raised.Content.ReadFromJsonAsync<BandwidthLimitInfo>() is { } now ? (now.BytesPerSecond, now.Direction) : default);
        Assert.False(work.IsCompleted);
        Assert.Equal(HttpStatusCode.NoContent, (await host.Admin.DeleteAsync(Address(limit))).StatusCode);
        await work.WaitAsync(Soon);

        Assert.Equal(HttpStatusCode.NotFound, (await host.Admin.DeleteAsync(Address(limit))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.Admin.GetAsync(Address(limit))).StatusCode);
        var told = await host.Admin.GetStringAsync(Routes.Events);
        Assert.Contains("HALLEY_BANDWIDTH_LIMIT_CHANGED", told, StringComparison.Ordinal);
        Assert.All(["added", "changed", "removed"], what => Assert.Contains($"\"change\":\"{what}\"", told, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("10.1.0.0/16", "10.1.2.3", "10.2.2.3")]
    [InlineData("2001:db8::/32", "2001:db8::7", "10.1.2.3")]
    public async Task Network_is_that_of_the_forwarded_address(string network, string inside, string outside)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await BucketHost.StartAsync(new ServerHostOptions
        {
            Kestrel = true,
            Time = time,
            Settings = { ["Halley:TrustedProxies:0"] = "127.0.0.1", ["Halley:TrustedProxies:1"] = "::1" },
        });
        var stored = TestBlob.Of(BlobType.Data, 200_000, 1);
        await UploadAsync(host, stored);
        await AddAsync(host, new SetBandwidthLimit(100_000, Network: network, Direction: BandwidthDirection.Download));

        var slow = DownloadAsync(host, stored, inside);
        await DownloadAsync(host, stored, outside).WaitAsync(Soon);
        Assert.False(slow.IsCompleted); // the clock stands still
        await PassUntilAsync(time, slow);
    }

    [Theory]
    [DatabaseData]
    public async Task Limits_are_listed_checked_and_in_force_after_a_restart(TestDatabase database)
    {
        using var directory = new TemporaryDirectory();
        var options = new ServerHostOptions { Database = TestDatabase.Sqlite, DataDirectory = directory.Path };
        await using var host =
            await BucketHost.StartAsync(database == TestDatabase.Sqlite ? options : new ServerHostOptions { Database = database });
        var schedule = new BandwidthSchedule("Europe/Berlin", "22:00", "06:00", [Weekday.Friday, Weekday.Monday]);
        var first = await AddAsync(host, new SetBandwidthLimit(5000, Network: " ::ffff:192.0.2.7 ", Schedule: schedule));
        var second = await AddAsync(host, new SetBandwidthLimit(6000, host.Id, Direction: BandwidthDirection.Upload));
        Assert.Equal("192.0.2.7/32", first.Network);
        Assert.Equal(("22:00", "06:00", "Europe/Berlin"), (first.Schedule!.From, first.Schedule.To, first.Schedule.TimeZone));
        Assert.Equal([Weekday.Monday, Weekday.Friday], first.Schedule.Days!);
        Assert.True(second.InForce);
        var page = (await host.Admin.GetFromJsonAsync<Page<BandwidthLimitInfo>>($"{Routes.BandwidthLimits}?limit=1"))!;
        var rest = (await host.Admin.GetFromJsonAsync<Page<BandwidthLimitInfo>>($"{Routes.BandwidthLimits}?limit=1&after={page.Next}"))!;
        Assert.Equal(new[] { first.Id, second.Id }.Order(), page.Items.Concat(rest.Items).Select(limit => limit.Id).Order());
        Assert.Null(rest.Next);

        foreach (var (body, code) in Wrong(host.Id))
        {
            using var answer = await host.Admin.PostAsync(Routes.BandwidthLimits, new StringContent(body, null, "application/json"));
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{body} → {answer.StatusCode}");
            Assert.Equal((body, code), (body, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.GetValue<string>()));
        }

        using var missing =
            await host.Admin.PutAsJsonAsync($"{Routes.BandwidthLimits}/{Guid.NewGuid()}", new SetBandwidthLimit(5000, host.Id));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal(2, host.Server.Service<Server.StorageRole.BandwidthLimits.LimitsInForce>().Current!.All.Count);
        if (database == TestDatabase.Sqlite)
        {
            await host.DisposeAsync();
            await using var again = await ServerHost.StartAsync(options);
            Assert.Equal(2, again.Service<Server.StorageRole.BandwidthLimits.LimitsInForce>().Current!.All.Count);
        }
    }

    private static IEnumerable<(string Body, string Code)> Wrong(string bucket) =>
    [
        ("""{"bytesPerSecond":5000}""", "bandwidth_target_unclear"),
        ($$"""{"bytesPerSecond":5000,"bucketId":"{{bucket}}","network":"10.0.0.0/8"}""", "bandwidth_target_unclear"),
        ("""{"bytesPerSecond":5000,"bucketId":"nobody"}""", "bucket_unknown"),
        ("""{"bytesPerSecond":5000,"bucketId":"a\u0000b"}""", "bad_request"),
        ($$"""{"bytesPerSecond":1023,"bucketId":"{{bucket}}"}""", "rate_invalid"),
        ($$"""{"bucketId":"{{bucket}}"}""", "rate_invalid"),
        ("""{"bytesPerSecond":5000,"network":"10.0.0.0/33"}""", "network_invalid"),
        ("""{"bytesPerSecond":5000,"network":"somewhere"}""", "network_invalid"),
        ("""{"bytesPerSecond":5000,"network":"10.0.0.0/8","direction":7}""", "bad_request"),
        ("""{"bytesPerSecond":5000,"network":"10.0.0.0/8","direction":"sideways"}""", "bad_request"),
        ("""{"bytesPerSecond":5000,"network":"10.0.0.0/8","schedule":{}}""", "schedule_invalid"),
        ("""{"bytesPerSecond":5000,"network":"10.0.0.0/8","schedule":{"timeZone":"Mars/Olympus"}}""", "schedule_invalid"),
        ("""{"bytesPerSecond":5000,"network":"10.0.0.0/8","schedule":{"timeZone":"../../etc/passwd"}}""", "schedule_invalid"),
        ("""{"bytesPerSecond":5000,"network":"10.0.0.0/8","schedule":{"timeZone":"UTC","from":"24:00"}}""", "schedule_invalid"),
        ("""{"bytesPerSecond":5000,"network":"10.0.0.0/8","schedule":{"timeZone":"UTC","days":[9]}}""", "bad_request"),
    ];

    private static Uri Address(BandwidthLimitInfo limit) => new($"{Routes.BandwidthLimits}/{limit.Id}", UriKind.Relative);

    private static Task<BandwidthLimitInfo> AddAsync(BucketHost host, SetBandwidthLimit request) =>
        BucketHost.PostAsync<BandwidthLimitInfo>(host.Admin, Routes.BandwidthLimits, request);

    private static async Task UploadAsync(BucketHost host, TestBlob blob, bool announced = true)
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Post, host.Url(blob.Name.ToString())) { Content = new ByteArrayContent(blob.Content) };
        request.Headers.TransferEncodingChunked = !announced;
        using var answer = await host.Vault.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task DownloadAsync(BucketHost host, TestBlob blob, string? from = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, host.Url(blob.Name.ToString()));
        if (from is not null)
        {
            request.Headers.Add("X-Forwarded-For", from);
        }

        using var answer = await host.Vault.SendAsync(request);
        Assert.Equal(blob.Content, await answer.Content.ReadAsByteArrayAsync());
    }

    // The server gets a moment for each step; however slow it is, the clock only goes on too far, never too little.
    private static async Task PassUntilAsync(FakeTimeProvider time, Task work)
    {
        for (var steps = 0; !work.IsCompleted && steps < 10_000; steps++)
        {
            time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(2)));
        }

        await work.WaitAsync(Soon);
    }
}
