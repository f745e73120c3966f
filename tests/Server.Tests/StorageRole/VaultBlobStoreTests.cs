using Halley.Protocol;
using Halley.Storage;
using Halley.Storage.Remote;
using Halley.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>What the client of the vault protocol makes of refusals, of broken connections and of servers that stall.</summary>
public sealed class VaultBlobStoreTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static readonly TestBlob Blob = TestBlob.Of(BlobType.Data, 300_000, seed: 1);

    [Theory]
    [InlineData(401, BlobStoreFault.Unauthorized)]
    [InlineData(403, BlobStoreFault.Forbidden)]
    [InlineData(408, BlobStoreFault.Offline)]
    [InlineData(429, BlobStoreFault.Offline)]
    [InlineData(502, BlobStoreFault.Offline)]
    [InlineData(503, BlobStoreFault.Offline)]
    [InlineData(504, BlobStoreFault.Offline)]
    [InlineData(500, BlobStoreFault.DiskError)]
    [InlineData(302, BlobStoreFault.Unsupported)]
    [InlineData(405, BlobStoreFault.Unsupported)]
    [InlineData(413, BlobStoreFault.Unsupported)]
    [InlineData(501, BlobStoreFault.Unsupported)]
    public async Task Status_that_says_nothing_about_the_file_is_a_fault_and_never_absence(int status, BlobStoreFault fault)
    {
        await using var peer = await HttpPeer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        await AssertFaultAsync(peer.OpenVault(), fault);
    }

    [Fact]
    public async Task Wrong_key_and_a_key_that_may_only_read_are_told_apart()
    {
        await using var host = await BucketHost.OnAsync(shared);
        await host.OpenVault().PutAsync(Blob.Name, new MemoryStream(Blob.Content), Blob.Content.Length, default);
        var key = await host.AddKeyAsync(new CreateBucketKey(BucketKeyMode.ReadOnly));
        using var client = host.Client(secret: null);
        var reading = host.OpenVault(key.Secret, client);

        await AssertFaultAsync(host.OpenVault("wrong", client), BlobStoreFault.Unauthorized);

        Assert.Equal(Blob.Content, await Blob.ReadAsync(reading));
        Assert.Equal(
            BlobStoreFault.Forbidden, await FaultAsync(async () => await TestBlob.Of(BlobType.Data, 10, seed: 2).PutAsync(reading)));
        Assert.Equal(BlobStoreFault.Forbidden, await FaultAsync(async () => await reading.DeleteAsync(Blob.Name, default)));
        Assert.Equal(PutOutcome.Stored, await TestBlob.Of(BlobType.Locks, 10, seed: 3).PutAsync(reading));
    }

    [Fact]
    public async Task Bucket_at_its_quota_has_no_space()
    {
        await using var host = await BucketHost.OnAsync(shared);
        using var limited = await host.Admin.PatchAsync(
            $"{Routes.Buckets}/{host.Id}", new StringContent("""{"hardQuotaBytes":1000}""", null, "application/json"));
        Assert.True(limited.IsSuccessStatusCode);

        Assert.Equal(PutOutcome.NoSpace, await Blob.PutAsync(host.OpenVault()));
    }

    [Fact]
    public async Task Server_that_cuts_connections_or_stalls_is_offline()
    {
        await using var refusing = await HttpPeer.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await AssertFaultAsync(refusing.OpenVault(), BlobStoreFault.Offline);

        var clock = new FakeTimeProvider();
        var arrived = new SemaphoreSlim(0);
        await using var stalling = await HttpPeer.StartAsync(async context =>
        {
            arrived.Release();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var waiting = FaultAsync(async () => await stalling.OpenVault(clock).FindAsync(Blob.Name, default));
        await arrived.WaitAsync();
        clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(BlobStoreFault.Offline, await waiting);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("[{\"name\":\"0123456789012345678901234567890123456789012345678901234567890123\",\"size\":12},")]
    [InlineData("{}")]
    [InlineData("[7]")]
    [InlineData("[{\"name\":\"0123456789012345678901234567890123456789012345678901234567890123\"}]")]
    public async Task List_that_ends_early_or_is_none_is_a_fault_and_never_a_shorter_list(string body)
    {
        await using var peer = await HttpPeer.StartAsync(context => context.Response.WriteAsync(body));

        Assert.Equal(BlobStoreFault.Offline, await FaultAsync(() => TestBlob.ListAsync(peer.OpenVault(), BlobType.Snapshots)));
    }

    [Fact]
    public async Task List_that_a_vault_does_not_have_is_empty_only_for_packindex_and_before_there_is_a_config()
    {
        var server = new ResticRestServer(hasPackIndex: false);
        await using var peer = await HttpPeer.StartAsync(context =>
        {
            context.Request.Path = context.Request.Path == "/snapshots/" ? "/none/" : context.Request.Path;
            return server.HandleAsync(context);
        });
        var vault = peer.OpenVault();

        Assert.Empty(await TestBlob.ListAsync(vault, BlobType.Snapshots));
        Assert.Equal(PutOutcome.Stored, await TestBlob.Of(BlobType.Config, 100, seed: 4).PutAsync(vault));
        Assert.Empty(await TestBlob.ListAsync(vault, BlobType.PackIndex));

        Assert.Equal(BlobStoreFault.Unsupported, await FaultAsync(() => TestBlob.ListAsync(vault, BlobType.Snapshots)));
        Assert.Equal(
            BlobStoreFault.Unsupported, await FaultAsync(async () => await TestBlob.Of(BlobType.PackIndex, 10, seed: 5).PutAsync(vault)));
    }

    [Fact]
    public async Task Download_that_breaks_off_goes_on_by_ranges_until_they_break_off_too()
    {
        var server = new ResticRestServer();
        var rangesBreak = false;
        var requests = 0;
        await using var peer = await HttpPeer.StartAsync(async context =>
        {
            requests += HttpMethods.IsGet(context.Request.Method) ? 1 : 0;
            if (HttpMethods.IsGet(context.Request.Method) && (rangesBreak || context.Request.Headers.Range.Count == 0))
            {
                context.Response.ContentLength = Blob.Content.Length;
                await context.Response.Body.WriteAsync(Blob.Content.AsMemory(0, 100_000));
                await context.Response.Body.FlushAsync();
                context.Abort();
                return;
            }

            await server.HandleAsync(context);
        });
        var vault = peer.OpenVault();
        Assert.Equal(PutOutcome.Stored, await Blob.PutAsync(vault));

        using var reader = (await vault.OpenAsync(Blob.Name, default))!;
        var content = new byte[Blob.Content.Length];
        for (var offset = 0; offset < content.Length; offset += 30_000)
        {
            Assert.Equal(30_000, await reader.ReadAsync(offset, content.AsMemory(offset, 30_000), default));
        }

        Assert.Equal(Blob.Content, content);
        Assert.InRange(requests, 8, 11); // one download of three pieces or fewer, and one range for each that follows
        rangesBreak = true;
        Assert.Equal(
            BlobStoreFault.Offline, await FaultAsync(async () => await reader.ReadAsync(200_000, content.AsMemory(0, 1000), default)));
    }

    [Fact]
    public async Task Read_out_of_order_of_a_file_that_is_deleted_or_was_replaced_is_a_fault_and_never_other_bytes()
    {
        await using var host = await BucketHost.OnAsync(shared);
        var vault = host.OpenVault();
        var (old, next) = (TestBlob.Of(BlobType.Config, 3000, seed: 6), TestBlob.Of(BlobType.Config, 4000, seed: 7));
        await Blob.PutAsync(vault);
        await old.PutAsync(vault);
        using var reader = (await vault.OpenAsync(Blob.Name, default))!;
        using var config = (await vault.OpenAsync(old.Name, default))!;
        Assert.Equal(Blob.Content.Length, await vault.DeleteAsync(Blob.Name, default));
        Assert.Equal(3000, await vault.DeleteAsync(old.Name, default));
        await next.PutAsync(vault);

        Assert.Equal(BlobStoreFault.DiskError, await FaultAsync(async () => await reader.ReadAsync(5000, new byte[10], default)));
        Assert.Equal(BlobStoreFault.DiskError, await FaultAsync(async () => await config.ReadAsync(500, new byte[10], default)));
    }

    private static async Task AssertFaultAsync(VaultBlobStore vault, BlobStoreFault fault)
    {
        Assert.Equal(fault, await FaultAsync(async () => await vault.FindAsync(Blob.Name, default)));
        Assert.Equal(fault, await FaultAsync(async () => await vault.OpenAsync(Blob.Name, default)));
        Assert.Equal(fault, await FaultAsync(async () => await vault.DeleteAsync(Blob.Name, default)));
        Assert.Equal(fault, await FaultAsync(() => TestBlob.ListAsync(vault, BlobType.Data)));
        Assert.Equal(fault, await FaultAsync(async () => await Blob.PutAsync(vault)));
        Assert.Equal(fault, await FaultAsync(() => vault.CreateAsync(default)));
    }

    private static async Task<BlobStoreFault> FaultAsync(Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<BlobStoreException>(call);
        Assert.Equal(failure.Fault is BlobStoreFault.Offline or BlobStoreFault.DiskError, failure.IsTransient);
        return failure.Fault;
    }
}
