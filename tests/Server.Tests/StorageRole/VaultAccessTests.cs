using System.Net;
using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.StorageRole.Buckets;
using Halley.Storage;
using Halley.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>Who may do what in a bucket.</summary>
public sealed class VaultAccessTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Fact]
    public async Task Wrong_key_missing_key_and_unknown_bucket_get_the_same_answer()
    {
        await using var host = await BucketHost.OnAsync(servers);
        using var wrong = host.Client(new string('0', 32));
        using var missing = host.Client(null);
        using var otherUser = host.Client(host.Secret, user: "somebody");
        using var unknown = host.Client(host.Secret, user: "unknown-bucket");

        string[] answers =
        [
            await DescribeAsync(wrong, host.Url("config")),
            await DescribeAsync(missing, host.Url("config")),
            await DescribeAsync(otherUser, host.Url("config")),
            await DescribeAsync(unknown, "/vault/unknown-bucket/config"),
            await DescribeAsync(wrong, host.Url("no/such/path")),
            await DescribeAsync(missing, "/vault/"),
            await DescribeAsync(missing, "/vault"),
        ];

        Assert.Single(answers.Distinct());
        Assert.StartsWith("401", answers[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_key_and_unknown_bucket_cost_the_same_work()
    {
        await using var host = await BucketHost.OnAsync(servers);
        using var wrong = host.Client(new string('0', 32));
        using var unknown = host.Client(new string('0', 32), user: "unknown-bucket");
        using var counter = new VerificationCounter(host.Server);

        await DescribeAsync(wrong, host.Url("config"));
        var afterWrong = counter.Count;
        await DescribeAsync(unknown, "/vault/unknown-bucket/config");

        Assert.Equal(1, afterWrong);
        Assert.Equal(2, counter.Count);
    }

    [Fact]
    public async Task Bucket_with_ten_keys_costs_no_more_than_an_unknown_one()
    {
        await using var host = await BucketHost.OnAsync(servers);
        var keys = new List<BucketKeyCreated>();
        for (var i = 0; i < 9; i++)
        {
            keys.Add(await host.AddKeyAsync(new CreateBucketKey()));
        }

        using var counter = new VerificationCounter(host.Server);
        foreach (var key in keys)
        {
            using var client = host.Client(key.Secret);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(host.Url("data/"))).StatusCode);
        }

        var right = counter.Count;
        for (var i = 0; i < 20; i++)
        {
            using var wrong = host.Client($"{i:x32}");
            Assert.Equal(HttpStatusCode.Unauthorized, (await wrong.GetAsync(host.Url("data/"))).StatusCode);
        }

        // Eight bits of one secret in a few hundred are those of another.
        Assert.InRange(right, 9, 12);
        Assert.InRange(counter.Count - right, 20, 25);
    }

    [Fact]
    public async Task Keys_of_which_only_the_hash_was_given_cost_nothing_more_once_they_were_used()
    {
        await using var host = await BucketHost.OnAsync(servers);
        var hasher = host.Server.Service<CredentialHasher>();
        var secrets = Enumerable.Range(0, 9).Select(i => $"secret-{i}").ToList();
        foreach (var secret in secrets)
        {
            await host.AddKeyAsync(new CreateBucketKey(KeyHash: hasher.Hash(secret), KeyHashFormat: 1));
        }

        using var counter = new VerificationCounter(host.Server);
        await RefuseAsync(0);
        var unused = counter.Count;
        foreach (var secret in secrets)
        {
            using var client = host.Client(secret);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(host.Url("data/"))).StatusCode);
        }

        var used = counter.Count;
        for (var i = 1; i <= 20; i++)
        {
            await RefuseAsync(i);
        }

        Assert.InRange(unused, 9, 10);
        // Eight bits of one secret in a few hundred are those of another.
        Assert.InRange(counter.Count - used, 20, 25);

        async Task RefuseAsync(int number)
        {
            using var wrong = host.Client($"wrong-{number}");
            Assert.Equal(HttpStatusCode.Unauthorized, (await wrong.GetAsync(host.Url("data/"))).StatusCode);
        }
    }

    [Fact]
    public async Task Unknown_bucket_is_refused_as_late_as_one_with_the_most_keys()
    {
        await using var host = await BucketHost.StartAsync(
            new ServerHostOptions { Kestrel = true, Settings = { ["Halley:Credentials:WorkFactor"] = "10" } });
        using var unknown = host.Client(new string('0', 32), user: "unknown-bucket");
        var start = TimeProvider.System.GetTimestamp();

        await DescribeAsync(unknown, "/vault/unknown-bucket/config");

        // One comparison takes 30 ms on the fastest machine, and a bucket has up to 16 keys.
        Assert.True(TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromMilliseconds(450));
    }

    [Fact]
    public async Task Hash_more_expensive_than_the_servers_own_is_refused()
    {
        await using var host = await BucketHost.OnAsync(servers);
        var hash = string.Concat("$2a$14$", new string('a', 53));

        using var bucket = await host.Admin.PostAsJsonAsync(Routes.Buckets, new CreateBucket(KeyHash: hash, KeyHashFormat: 1));
        using var key = await host.Admin.PostAsJsonAsync(
            $"/api/v2/buckets/{host.Id}/keys", new CreateBucketKey(KeyHash: hash, KeyHashFormat: 1));

        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.BadRequest], [bucket.StatusCode, key.StatusCode]);
    }

    [Fact]
    public async Task Many_connections_with_one_key_cost_one_verification()
    {
        await using var host = await BucketHost.OnAsync(servers);
        using var counter = new VerificationCounter(host.Server);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            using var client = host.Client(host.Secret);
            using var answer = await client.GetAsync(host.Url("data/"));
            return answer.StatusCode;
        }));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(1, counter.Count);
    }

    [Fact]
    public async Task Flood_of_wrong_keys_does_not_hold_up_uploads()
    {
        await using var host = await BucketHost.StartAsync(
            new ServerHostOptions { Kestrel = true, Settings = { ["Halley:Credentials:WorkFactor"] = "9" } });
        await PostAsync(host.Vault, host, TestBlob.Of(BlobType.Data, 10, seed: 1)); // the right key is known from here on

        var flood = Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            using var client = host.Client($"{i:x32}");
            return (int)(await client.GetAsync(host.Url("data/"))).StatusCode;
        }));
        var uploads = await Task.WhenAll(
            Enumerable.Range(100, 50).Select(seed => PostAsync(host.Vault, host, TestBlob.Of(BlobType.Data, 1000, seed))));
        var uploadsWereFirst = !flood.IsCompleted;
        var refused = await flood;

        Assert.All(uploads, status => Assert.Equal(200, status));
        Assert.All(refused, status => Assert.True(status is 401 or 503, $"{status}"));
        Assert.True(uploadsWereFirst || refused.Contains(503), "The flood was not worth its name.");
    }

    [Theory]
    [DatabaseData]
    public async Task Revoked_key_is_refused_with_the_next_request(TestDatabase database)
    {
        await using var host = await BucketHost.OnAsync(servers, database);
        var second = await host.AddKeyAsync(new CreateBucketKey(Label: "second"));
        using var client = host.Client(second.Secret);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(host.Url("data/"))).StatusCode);

        using var revoked = await host.RevokeAsync(second.Key);

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(host.Url("data/"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.Vault.GetAsync(host.Url("data/"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.RevokeAsync(second.Key)).StatusCode);
    }

    [Fact]
    public async Task Key_that_expires_is_refused_from_that_moment()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await BucketHost.StartAsync(new ServerHostOptions { Kestrel = true, Time = time });
        var key = await host.AddKeyAsync(new CreateBucketKey(ExpiresAt: time.GetUtcNow().UtcDateTime.AddMinutes(5)));
        using var client = host.Client(key.Secret);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(host.Url("data/"))).StatusCode);

        time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(host.Url("data/"))).StatusCode);
    }

    [Theory]
    [InlineData(BucketKeyMode.Full, 200, 200, 200, 200)]
    [InlineData(BucketKeyMode.AppendOnly, 200, 403, 200, 200)]
    [InlineData(BucketKeyMode.ReadOnly, 403, 403, 200, 200)]
    public async Task Mode_of_a_key_limits_what_it_may_do(BucketKeyMode mode, int write, int delete, int writeLock, int deleteLock)
    {
        await using var host = await BucketHost.OnAsync(servers);
        var there = TestBlob.Of(BlobType.Data, 100, seed: 1);
        await PostAsync(host.Vault, host, there);
        var key = await host.AddKeyAsync(new CreateBucketKey(mode));
        using var client = host.Client(key.Secret);
        var newLock = TestBlob.Of(BlobType.Locks, 50, seed: 2);

        Assert.Equal(write, await PostAsync(client, host, TestBlob.Of(BlobType.Data, 100, seed: 3)));
        Assert.Equal(write, await PostAsync(client, host, TestBlob.Of(BlobType.Config, 100, seed: 4)));
        Assert.Equal(delete, (int)(await client.DeleteAsync(host.Url(there.Name.ToString()))).StatusCode);
        Assert.Equal(delete, (int)(await client.DeleteAsync(host.Url("config"))).StatusCode);
        Assert.Equal(writeLock, await PostAsync(client, host, newLock));
        Assert.Equal(200, (int)(await client.GetAsync(host.Url("locks/"))).StatusCode);
        Assert.Equal(deleteLock, (int)(await client.DeleteAsync(host.Url(newLock.Name.ToString()))).StatusCode);
    }

    [Theory]
    [DatabaseData]
    public async Task Key_of_which_the_server_knows_only_the_hash_opens_the_bucket(TestDatabase database)
    {
        await using var host = await BucketHost.OnAsync(servers, database);
        const string secret = "00112233445566778899aabbccddeeff";
        var hash = BCrypt.Net.BCrypt.EnhancedHashPassword(secret, BCrypt.Net.HashType.SHA512, 4);

        var created = await BucketHost.PostAsync<BucketCreated>(
            host.Admin, Routes.Buckets, new CreateBucket("zero-knowledge", KeyHash: hash, KeyHashFormat: 1));

        Assert.Null(created.Secret);
        using var client = host.Client(secret, user: "zero-knowledge");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/vault/zero-knowledge/data/")).StatusCode);
    }

    [Theory]
    [DatabaseData]
    public async Task Hash_of_another_work_factor_is_renewed_with_the_next_use(TestDatabase database)
    {
        await using var host = await BucketHost.OnAsync(servers, database);
        const string secret = "00112233445566778899aabbccddeeff";
        var hash = BCrypt.Net.BCrypt.EnhancedHashPassword(secret, BCrypt.Net.HashType.SHA512, 5);
        var key = await host.AddKeyAsync(new CreateBucketKey(KeyHash: hash, KeyHashFormat: 1));
        using var client = host.Client(secret);

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(host.Url("data/"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(host.Url("data/"))).StatusCode);

        await using var context = await host.Server.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        var stored = await context.Set<BucketKey>().SingleAsync(row => row.Id == key.Key.Id);
        Assert.NotEqual(hash, stored.Hash);
        Assert.True(CredentialHasher.Verify(secret, stored.Format, stored.Hash));
    }

    [Fact]
    public async Task Last_use_of_a_key_is_shown()
    {
        await using var host = await BucketHost.OnAsync(servers);
        var before = Assert.Single((await KeysAsync(host)).Items);

        await host.Vault.GetAsync(host.Url("data/"));

        Assert.Null(before.LastUsedAt);
        Assert.NotNull(Assert.Single((await KeysAsync(host)).Items).LastUsedAt);
    }

    private static async Task<Page<BucketKeyInfo>> KeysAsync(BucketHost host) =>
        (await host.Admin.GetFromJsonAsync<Page<BucketKeyInfo>>($"/api/v2/buckets/{host.Id}/keys"))!;

    private static async Task<int> PostAsync(HttpClient client, BucketHost host, TestBlob blob)
    {
        using var answer = await client.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content));
        return (int)answer.StatusCode;
    }

    private static async Task<string> DescribeAsync(HttpClient client, string url)
    {
        using var answer = await client.GetAsync(url);
        var headers = string.Join(
            "\n", answer.Headers.Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(",", header.Value)}"));
        var body = System.Text.Json.Nodes.JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        body.AsObject().Remove("traceId"); // differs for every request
        return $"{(int)answer.StatusCode}\n{headers}\n{body}";
    }
}
