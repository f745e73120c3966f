using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Organizations;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Trash;
using Halley.Storage;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>Buckets over <c>/api/v2</c>, on both databases. Shapes are read as raw JSON: clients in the field do that, too.</summary>
public sealed class BucketsTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [DatabaseData]
    public async Task Bucket_with_blank_id_gets_a_random_one_and_a_secret_that_is_shown_once(TestDatabase database)
    {
        await using var host = await BucketHost.OnAsync(servers, database);

        using var answer = await host.Admin.PostAsync(Routes.Buckets, JsonContent.Create(new { label = "Documents" }));
        var created = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        var id = created["bucket"]!["id"]!.GetValue<string>();

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal($"/api/v2/buckets/{id}", answer.Headers.Location?.ToString());
        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.Matches("^[0-9a-f]{32}$", created["secret"]!.GetValue<string>());
        Assert.Equal("Documents", created["bucket"]!["label"]!.GetValue<string>());
        Assert.Equal("full", created["key"]!["mode"]!.GetValue<string>());
        var shown = await host.Admin.GetStringAsync($"/api/v2/buckets/{id}")
            + await host.Admin.GetStringAsync($"/api/v2/buckets/{id}/keys");
        Assert.DoesNotContain(created["secret"]!.GetValue<string>(), shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("../etc")]
    [InlineData("a/b/c")]
    [InlineData(".hidden")]
    [InlineData("ends-with-")]
    [InlineData("a..b")]
    [InlineData("a b c")]
    [InlineData("\u00e4\u00f6\u00fc\u00e4\u00f6")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public async Task Id_that_could_be_misread_is_refused(string id)
    {
        await using var host = await BucketHost.OnAsync(servers);

        using var answer = await host.Admin.PostAsJsonAsync(Routes.Buckets, new CreateBucket(id));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("bucket_id_invalid", await CodeAsync(answer));
    }

    [Theory]
    [DatabaseData]
    public async Task Id_that_differs_in_case_alone_is_taken(TestDatabase database)
    {
        await using var host = await BucketHost.OnAsync(servers, database);
        await BucketHost.PostAsync<BucketCreated>(host.Admin, Routes.Buckets, new CreateBucket("Customer-1"));

        using var answer = await host.Admin.PostAsJsonAsync(Routes.Buckets, new CreateBucket("customer-1"));

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal("bucket_exists", await CodeAsync(answer));
    }

    [Theory]
    [DatabaseData]
    public async Task List_comes_in_pages(TestDatabase database)
    {
        await using var host = await BucketHost.OnAsync(servers, database);
        for (var i = 0; i < 5; i++)
        {
            await BucketHost.PostAsync<BucketCreated>(host.Admin, Routes.Buckets, new CreateBucket($"page-{i}"));
        }

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = (await host.Admin.GetFromJsonAsync<Page<BucketInfo>>($"{Routes.Buckets}?limit=2&after={after}"))!;
            seen.AddRange(page.Items.Select(bucket => bucket.Id));
            after = page.Next;
        }
        while (after is not null);

        var mine = seen.Where(id => id.StartsWith("page-", StringComparison.Ordinal));
        Assert.Equal(["page-0", "page-1", "page-2", "page-3", "page-4"], mine);
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Contains(host.Id, seen);
        Assert.Equal(HttpStatusCode.BadRequest, (await host.Admin.GetAsync($"{Routes.Buckets}?limit=0")).StatusCode);
    }

    [Theory]
    [DatabaseData]
    public async Task Usage_is_counted_saved_and_measured(TestDatabase database)
    {
        await using var host = await BucketHost.OnAsync(servers, database);
        var kept = TestBlob.Of(BlobType.Data, 1000, seed: 1);
        var deleted = TestBlob.Of(BlobType.Data, 500, seed: 2);
        foreach (var blob in new[] { kept, deleted, kept })
        {
            await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content));
        }

        await host.Vault.DeleteAsync(host.Url(deleted.Name.ToString()));
        var counted = await FindAsync(host);

        Assert.Equal((1000, 1), (counted.Bytes, counted.Files));
        Assert.NotNull(counted.LastWriteAt);

        // As when connections that do not end have used up the time that a server has for its stop.
        await host.Server.Service<UsageSavingWork>().StopAsync(new CancellationToken(canceled: true));
        // The periodic job may have been faster and be about to store it.
        await Eventually.HoldsAsync("the count is stored", TimeSpan.FromSeconds(30), async () =>
            (await host.Server.Service<BucketActions>().FindStoredAsync(Caller.Server, host.Id, CancellationToken.None))
                .TryGet(out var stored, out _)
                && stored is { Bytes: 1000, Files: 1 });

        var byHand = TestBlob.Of(BlobType.Index, 77, seed: 3);
        Directory.CreateDirectory(Path.Combine(host.BucketFolder, "index"));
        await File.WriteAllBytesAsync(Path.Combine(host.BucketFolder, "index", byHand.Name.Id), byHand.Content);
        await host.Server.Service<BucketMeasuringWork>().MeasureAsync(host.Id, CancellationToken.None);
        var measured = await FindAsync(host);
        Assert.Equal((1077, 2), (measured.Bytes, measured.Files));
        Assert.NotNull(measured.MeasuredAt);
    }

    [Theory]
    [DatabaseData]
    public async Task Deleted_bucket_is_out_of_reach_and_off_the_disk_and_its_id_is_free_again(TestDatabase database)
    {
        await using var host = await BucketHost.OnAsync(servers, database);
        var blob = TestBlob.Of(BlobType.Data, 1000, seed: 1);
        await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content));

        using var answer = await host.Admin.DeleteAsync($"/api/v2/buckets/{host.Id}");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Vault.GetAsync(host.Url("data/"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.Admin.GetAsync($"/api/v2/buckets/{host.Id}")).StatusCode);
        Assert.False(Directory.Exists(host.BucketFolder));
        await host.Server.Service<BucketRemovalWork>().RunOnceAsync(CancellationToken.None);
        Assert.Empty(Directory.EnumerateFiles(host.FirstVolume, blob.Name.Id, SearchOption.AllDirectories));
        var again = await BucketHost.PostAsync<BucketCreated>(host.Admin, Routes.Buckets, new CreateBucket(host.Id));
        using var client = host.Client(again.Secret);
        Assert.Equal("[]", await client.GetStringAsync(host.Url("data/")));
    }

    [Fact]
    public async Task Bucket_deleted_while_a_volume_is_away_goes_when_it_is_back()
    {
        using var second = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync();
        var volume = await host.AddVolumeAsync(Path.Combine(second.Path, "volume"));
        Directory.CreateDirectory(Path.Combine(volume.Path, "buckets", host.Id, "data"));
        Directory.Move(volume.Path, volume.Path + "-away");

        using var answer = await host.Admin.DeleteAsync($"/api/v2/buckets/{host.Id}");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Vault.GetAsync(host.Url("data/"))).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await host.Admin.PostAsJsonAsync(Routes.Buckets, new CreateBucket(host.Id))).StatusCode);

        Directory.Move(volume.Path + "-away", volume.Path);
        await host.Server.Service<Server.StorageRole.Volumes.VolumeProbeWork>().RunOnceAsync(CancellationToken.None);
        await host.Server.Service<BucketRemovalWork>().RunOnceAsync(CancellationToken.None);

        Assert.False(Directory.Exists(Path.Combine(volume.Path, "buckets", host.Id)));
        Assert.Equal(HttpStatusCode.Created, (await host.Admin.PostAsJsonAsync(Routes.Buckets, new CreateBucket(host.Id))).StatusCode);
    }

    [Theory]
    [DatabaseData]
    public async Task Bucket_keys_and_usage_survive_a_restart(TestDatabase database)
    {
        using var data = new TemporaryDirectory();
        var connection = database == TestDatabase.PostgreSql ? await PostgresCluster.CreateDatabaseAsync() : null;
        var options =
            new ServerHostOptions { Database = database, Kestrel = true, DataDirectory = data.Path, ConnectionString = connection };
        var blob = TestBlob.Of(BlobType.Data, 1000, seed: 1);
        string id, secret;
        await using (var host = await BucketHost.StartAsync(options))
        {
            (id, secret) = (host.Id, host.Secret);
            await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content));
        }

        await using var server = await ServerHost.StartAsync(options);
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.Authorization =
            new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{id}:{secret}")));

        Assert.Equal(blob.Content, await client.GetByteArrayAsync($"/vault/{id}/{blob.Name}"));
        using var admin = await server.SignInAsync();
        Assert.Equal(1000, (await admin.GetFromJsonAsync<BucketInfo>($"/api/v2/buckets/{id}"))!.Bytes);
    }

    [Fact]
    public async Task Everything_about_buckets_and_volumes_needs_a_session()
    {
        await using var host = await BucketHost.OnAsync(servers);
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, Routes.Buckets), (HttpMethod.Post, Routes.Buckets), (HttpMethod.Delete, $"/api/v2/buckets/{host.Id}"),
            (HttpMethod.Get, $"/api/v2/buckets/{host.Id}/keys"), (HttpMethod.Get, Routes.Volumes), (HttpMethod.Post, Routes.Volumes),
        })
        {
            using var answer = await host.Server.Http.SendAsync(new HttpRequestMessage(method, path));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    private static async Task<BucketInfo> FindAsync(BucketHost host) =>
        (await host.Admin.GetFromJsonAsync<BucketInfo>($"/api/v2/buckets/{host.Id}"))!;

    private static async Task<string> CodeAsync(HttpResponseMessage answer) =>
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.GetValue<string>();
}
