using System.Net;
using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.StorageRole.Buckets;
using Halley.Storage;
using Halley.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>An open page reads the buckets again when one has changed, and otherwise only their sizes, which are in memory.</summary>
public sealed class BucketWatchTests
{
    [Fact]
    public async Task Sizes_come_from_memory_and_the_rest_is_read_when_it_has_changed_or_after_a_time()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await BucketHost.StartAsync(new ServerHostOptions { Kestrel = true, Time = time });
        var watch = host.Server.Service<BucketWatch>();
        Assert.Equal((0, 1), Shown(await OneAsync()));

        var blob = TestBlob.Of(BlobType.Data, 5000, seed: 1);
        using var stored = await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content));
        Assert.Equal(HttpStatusCode.OK, stored.StatusCode);
        await using (var database = await host.Server.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync())
        {
            // What nobody told of is the proof that the database was not read.
            await database.Set<Bucket>().ExecuteUpdateAsync(change => change.SetProperty(bucket => bucket.Label, "by hand"));
        }

        Assert.Equal((5000, 1), Shown(await OneAsync()));
        Assert.NotEqual("by hand", (await OneAsync()).Label);
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("by hand", (await OneAsync()).Label);

        await host.AddKeyAsync(new CreateBucketKey());
        Assert.Equal((5000, 2), Shown(await OneAsync()));
        using var renamed = await host.Admin.PatchAsJsonAsync($"{Routes.Buckets}/{host.Id}", new UpdateBucket(Label: "renamed"));
        Assert.Equal("renamed", (await OneAsync()).Label);
        var second = await BucketHost.PostAsync<BucketCreated>(host.Admin, Routes.Buckets, new CreateBucket());
        Assert.Equal(2, (await watch.ListAsync(Caller.Server, default)).Count);
        using var deleted = await host.Admin.DeleteAsync($"{Routes.Buckets}/{second.Bucket.Id}");
        Assert.Equal((5000, 2), Shown(await OneAsync()));

        async Task<BucketInfo> OneAsync() => Assert.Single(await watch.ListAsync(Caller.Server, default));

        static (long Bytes, int Keys) Shown(BucketInfo bucket) => (bucket.Bytes, bucket.Keys);
    }
}
