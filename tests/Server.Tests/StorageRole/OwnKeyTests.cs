using System.Net;
using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>The holder of a bucket's key replaces it, and gets no more rights by that.</summary>
public sealed class OwnKeyTests(SharedServers servers) : IClassFixture<SharedServers>
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    // bcrypt over base64(SHA-512(Key)) with work factor 4.
    private static readonly string Hash = BCrypt.Net.BCrypt.EnhancedHashPassword(Key, BCrypt.Net.HashType.SHA512, 4);

    [Theory]
    [DatabaseData]
    public async Task Successor_has_the_same_rights_and_expiry_and_the_old_key_ends_when_its_holder_says(TestDatabase database)
    {
        await using var bucket = await BucketHost.OnAsync(servers, database);
        var expires = new DateTime(2090, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        var old = await bucket.AddKeyAsync(new CreateBucketKey(BucketKeyMode.AppendOnly, "laptop", expires));
        using var holder = bucket.Client(old.Secret);
        using var successor = bucket.Client(Key);

        Assert.Equal(HttpStatusCode.Conflict, await RetireAsync(holder, bucket, 7)); // it is the last one with these rights
        Assert.Equal(HttpStatusCode.Unauthorized, (await successor.GetAsync(bucket.Url("data/"))).StatusCode);
        var added = await SucceedAsync(holder, bucket);
        Assert.Equal((BucketKeyMode.AppendOnly, "laptop", expires), (added.Mode, added.Label, added.ExpiresAt));
        Assert.Equal(added.Id, (await SucceedAsync(holder, bucket)).Id);

        Assert.Equal(HttpStatusCode.NoContent, await RetireAsync(holder, bucket, 7));
        Assert.Equal(HttpStatusCode.OK, (await holder.GetAsync(bucket.Url("data/"))).StatusCode);
        var keys = (await bucket.Admin.GetFromJsonAsync<Page<BucketKeyInfo>>(Routes.ToBucketKeys(bucket.Id)))!.Items;
        Assert.True(keys.Single(key => key.Id == old.Key.Id).ExpiresAt < expires);
        Assert.Equal(HttpStatusCode.NoContent, await RetireAsync(holder, bucket, 0));
        Assert.Equal(HttpStatusCode.Unauthorized, (await holder.GetAsync(bucket.Url("data/"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await successor.GetAsync(bucket.Url("data/"))).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, await RetireAsync(successor, bucket, 0));
        Assert.Equal(HttpStatusCode.BadRequest, await RetireAsync(successor, bucket, 366));
        Assert.Contains($"key {old.Key.Id}", await bucket.Admin.GetStringAsync(Routes.Events), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stranger_learns_nothing_and_a_key_of_unknown_form_is_refused()
    {
        await using var bucket = await BucketHost.OnAsync(servers);
        using var stranger = bucket.Client("ffffffffffffffffffffffffffffffff");

        using var unknown = await stranger.PostAsJsonAsync(Routes.ToBucketOwnKey("another"), new SucceedBucketKey(Hash));
        using var wrong = await stranger.PostAsJsonAsync(Routes.ToBucketOwnKey(bucket.Id), new SucceedBucketKey(Hash));
        using var malformed = await bucket.Vault.PostAsJsonAsync(Routes.ToBucketOwnKey(bucket.Id), new SucceedBucketKey("plain"));
        using var missing = await bucket.Vault.PostAsJsonAsync(Routes.ToBucketOwnKey(bucket.Id), new { });

        Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, malformed.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, missing.StatusCode);
    }

    private static async Task<BucketKeyInfo> SucceedAsync(HttpClient holder, BucketHost bucket)
    {
        using var answer = await holder.PostAsJsonAsync(Routes.ToBucketOwnKey(bucket.Id), new SucceedBucketKey(Hash));
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<BucketKeyInfo>())!;
    }

    private static async Task<HttpStatusCode> RetireAsync(HttpClient holder, BucketHost bucket, int days)
    {
        using var answer = await holder.PostAsJsonAsync(Routes.ToBucketOwnKeyRetirement(bucket.Id), new RetireBucketKey(days));
        return answer.StatusCode;
    }
}
