using Halley.Protocol;
using Halley.Protocol.Client;
using Halley.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>The typed client of our API: values, refusals, and what is neither.</summary>
public sealed class HalleyClientTests(SharedServer shared) : IClassFixture<SharedServer>
{
    [Fact]
    public async Task Values_and_refusals_come_back_as_the_server_gave_them()
    {
        using var http = shared.Server.CreateClient();
        var client = new HalleyClient(http, http.BaseAddress!, TimeProvider.System);
        Assert.Equal(401, (await client.ListBucketsAsync(default)).Refusal?.Status);
        Assert.Equal(401, (await client.SignInAsync(new StartSession(ServerHost.Username, "wrong"), default)).Refusal?.Status);
        Assert.Null(client.Bearer);
        Assert.Null((await client.SignInAsync(new StartSession(ServerHost.Username, ServerHost.Password), default)).Refusal);

        Assert.True((await client.CreateBucketAsync(new CreateBucket(Label: "a label"), default)).TryGet(out var made, out _));
        Assert.Null(await client.UpdateBucketAsync(made.Bucket.Id, new UpdateBucket(HoldDays: 7), default));
        Assert.True((await client.FindBucketAsync(made.Bucket.Id, default)).TryGet(out var found, out _));
        Assert.Equal(("a label", 7), (found.Label, found.Protection.HoldDays));
        Assert.True((await client.AddBucketKeyAsync(made.Bucket.Id, new CreateBucketKey(BucketKeyMode.AppendOnly), default))
            .TryGet(out var key, out _));
        Assert.Equal(BucketKeyMode.AppendOnly, key.Key.Mode);
        Assert.Null(await client.RevokeBucketKeyAsync(made.Bucket.Id, key.Key.Id, default));
        Assert.True((await client.ListBucketKeysAsync(made.Bucket.Id, default)).TryGet(out var keys, out _));
        Assert.Equal(made.Key.Id, Assert.Single(keys.Items).Id);

        var missing = (await client.FindBucketAsync("no-such-bucket", default)).Refusal;
        Assert.Equal((404, "bucket_not_found", true, false), (missing!.Status, missing.Code, missing.IsMissing, missing.IsTransient));
        Assert.NotEmpty(missing.Detail);
        var invalid = (await client.CreateBucketAsync(new CreateBucket("?"), default)).Refusal;
        Assert.Equal((400, "bucket_id_invalid"), (invalid!.Status, invalid.Code));
        Assert.Null(await client.SignOutAsync(default));
        Assert.Equal(401, (await client.ListBucketsAsync(default)).Refusal?.Status);
    }

    [Fact]
    public async Task Path_that_the_server_does_not_know_and_a_page_of_a_proxy_are_refusals_without_a_code()
    {
        using var http = shared.Server.CreateClient();
        var elsewhere = (
            await new HalleyClient(http, new Uri(http.BaseAddress!, "elsewhere/"), TimeProvider.System).ListBucketsAsync(default)).Refusal;
        Assert.Equal((404, false), (elsewhere!.Status, elsewhere.IsMissing));

        await using var peer = await HttpPeer.StartAsync(context =>
        {
            context.Response.StatusCode = 502;
            return context.Response.WriteAsync("<html>Bad Gateway</html>");
        });
        var proxy = (await peer.OpenApi().ListBucketsAsync(default)).Refusal;
        Assert.Equal((502, "", true), (proxy!.Status, proxy.Code, proxy.IsTransient));
    }

    [Fact]
    public async Task Server_that_breaks_off_stalls_or_talks_of_something_else_throws()
    {
        await using var breaking = await HttpPeer.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await Assert.ThrowsAsync<HttpRequestException>(() => breaking.OpenApi().ListBucketsAsync(default));
        await using var other = await HttpPeer.StartAsync(context => context.Response.WriteAsync("hello"));
        await Assert.ThrowsAsync<HttpRequestException>(() => other.OpenApi().ListBucketsAsync(default));

        var clock = new FakeTimeProvider();
        var arrived = new SemaphoreSlim(0);
        await using var stalling = await HttpPeer.StartAsync(async context =>
        {
            arrived.Release();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var waiting = Assert.ThrowsAsync<HttpRequestException>(() => stalling.OpenApi(clock).ListBucketsAsync(default));
        await arrived.WaitAsync();
        clock.Advance(TimeSpan.FromMinutes(2));
        await waiting;
    }

    [Fact]
    public void Routes_are_filled_with_escaped_values()
    {
        Assert.Equal("/api/v2/buckets/a%2Fb%7B%7D/keys/00000000-0000-0000-0000-000000000001", Routes.ToBucketKey(
            "a/b{}", new Guid("00000000-0000-0000-0000-000000000001")));
        Assert.Equal("/api/v2/accounts/%C3%BC", Routes.ToAccount("ü"));
        Assert.Equal("/vault/b/", Routes.ToVault("b"));
        Assert.Equal("/api/v2/buckets?after=a%26b&limit=5", Routes.ToPage(Routes.Buckets, "a&b", 5));
    }
}
