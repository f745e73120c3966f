using System.Net;
using Halley.Protocol;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Vault;
using Halley.Storage;
using Halley.Storage.Memory;
using Halley.Storage.Spanning;
using Halley.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>Uploads that announce much and send little take nothing from others.</summary>
public sealed class OpenUploadsTests
{
    [Fact]
    public async Task Key_with_too_many_silent_uploads_waits_and_others_go_on_until_they_are_ended()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await BucketHost.StartAsync(new ServerHostOptions { Kestrel = true, Time = time });
        var greedy = await host.AddKeyAsync(new CreateBucketKey(BucketKeyMode.AppendOnly));
        var silent = new List<StalledUpload>();
        for (var i = 0; i < OpenUploads.MostOfKey; i++)
        {
            silent.Add(await StalledUpload.StartAsync(host, greedy.Secret!, announced: 512L << 20, sent: 1000));
        }

        await Eventually.HoldsAsync(
            "all uploads have begun", TimeSpan.FromSeconds(20),
            () => IsFullForAsync(host, greedy.Secret!));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(host, seed: 1));

        var uploads = host.Server.Service<OpenUploads>();
        uploads.EndStalled();
        time.Advance(OpenUploads.StallLimit);
        uploads.EndStalled();
        Assert.All(await Task.WhenAll(silent.Select(upload => upload.StatusAsync())), status => Assert.Equal(0, status));
        await using var next = await StalledUpload.StartAsync(host, greedy.Secret!, announced: 3, sent: 3);
        Assert.Equal(400, await next.StatusAsync()); // admitted, and its content is not what its name says
        foreach (var upload in silent)
        {
            await upload.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("", OpenUploads.MostOfTopLevel)]
    [InlineData("tenant", OpenUploads.MostOfOrganization)]
    public void Buckets_of_one_organization_and_those_of_the_top_level_have_a_limit_together(string organization, int most)
    {
        var uploads = new OpenUploads(TimeProvider.System, NullLogger<OpenUploads>.Instance);
        var begun = 0;
        for (var bucket = 0; bucket * OpenUploads.MostOfBucket <= most; bucket++)
        {
            var open = Bucket($"{bucket}", organization);
            var keys = Enumerable.Range(0, 3).Select(_ => NewKey());
            begun += keys.Sum(key => Enumerable.Range(0, OpenUploads.MostOfKey).Count(_ => uploads.TryBegin(open, key, Abort) is not null));
        }

        Assert.Equal(most, begun);
        Assert.NotNull(uploads.TryBegin(Bucket("other", "another tenant"), NewKey(), Abort));
    }

    private static AccessKey NewKey() => new(Guid.NewGuid(), BucketKeyMode.Full, 1, "", null, new KeyUse(null));

    private static OpenBucket Bucket(string id, string organization) =>
        new(id, new MemoryBlobStore(), new BucketUsage(new UsageCount(0, 0, null)), new DeleteHold(), new DeleteBrake(TimeProvider.System))
        {
            OrganizationId = organization,
        };

    private static void Abort()
    {
    }

    private static async Task<bool> IsFullForAsync(BucketHost host, string secret)
    {
        using var client = host.Client(secret);
        using var response = await client.PostAsync(host.Url("data/" + new string('1', 64)), new ByteArrayContent([1]));
        return response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter is not null;
    }

    private static async Task<HttpStatusCode> PostAsync(BucketHost host, int seed)
    {
        var blob = TestBlob.Of(BlobType.Data, 2_000_000, seed);
        using var response = await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content));
        return response.StatusCode;
    }
}
