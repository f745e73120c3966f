using System.Text.Json;
using Halley.Storage;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>Buckets through the vendor's API, as its clients call it and read its answers.</summary>
public sealed class CometStorageTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [DatabaseData]
    public async Task Bucket_is_registered_listed_measured_and_deleted(TestDatabase database)
    {
        await using var host = await BucketHost.OnAsync(servers, database);

        var made = await CallAsync(host, "register-bucket");
        var id = made.GetProperty("NewBucketID").GetString()!;
        using var vault = host.Client(made.GetProperty("NewBucketKey").GetString(), user: id);
        var blob = TestBlob.Of(BlobType.Data, 1234, seed: 1);
        Assert.True((await vault.PostAsync($"/vault/{id}/{blob.Name}", new ByteArrayContent(blob.Content))).IsSuccessStatusCode);
        var listed = (await CallAsync(host, "list-buckets")).GetProperty(id);
        var measured = await CallAsync(host, "bucket-properties", ("BucketID", id), ("AfterTimestamp", "99999999999"));

        AssertFields(made, "Status", "Message", "NewBucketID", "NewBucketKey");
        AssertFields(listed, "OrganizationID", "CreateTime", "ReadWriteKeyFormat", "ReadWriteKey", "Size");
        AssertFields(measured.GetProperty("Size"), "Size", "MeasureStarted", "MeasureCompleted");
        Assert.StartsWith("$2a$", listed.GetProperty("ReadWriteKey").GetString(), StringComparison.Ordinal);
        Assert.Equal(1234, measured.GetProperty("Size").GetProperty("Size").GetInt64());
        Assert.Equal(200, Status(await CallAsync(host, "delete-bucket", ("BucketID", id))));
        Assert.Equal(404, Status(await CallAsync(host, "delete-bucket", ("BucketID", id))));
        Assert.Equal(404, Status(await CallAsync(host, "bucket-properties", ("BucketID", id))));
    }

    [Fact]
    public async Task Old_measurement_is_good_enough_without_a_time()
    {
        await using var host = await BucketHost.OnAsync(servers);
        var first = await CallAsync(host, "bucket-properties", ("BucketID", host.Id));
        var blob = TestBlob.Of(BlobType.Data, 1234, seed: 1);
        await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content));

        var second = await CallAsync(host, "bucket-properties", ("BucketID", host.Id));

        Assert.Equal(0, first.GetProperty("Size").GetProperty("Size").GetInt64());
        Assert.Equal(first.ToString(), second.ToString());
    }

    [Fact]
    public async Task Bucket_with_given_id_and_hash_never_shows_a_key()
    {
        await using var host = await BucketHost.OnAsync(servers);
        const string secret = "00112233445566778899aabbccddeeff";
        var hash = BCrypt.Net.BCrypt.EnhancedHashPassword(secret, BCrypt.Net.HashType.SHA512, 4);

        var made = await CallAsync(
            host, "register-bucket", ("SetBucketValue", "given-id"), ("SetKeyHashFormat", "1"), ("SetKeyHashValue", hash),
            ("SetOrganizationID", ""));

        Assert.Equal(("given-id", ""), (made.GetProperty("NewBucketID").GetString(), made.GetProperty("NewBucketKey").GetString()));
        using var vault = host.Client(secret, user: "given-id");
        Assert.True((await vault.GetAsync("/vault/given-id/data/")).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Key_sent_in_clear_is_hashed_at_once()
    {
        await using var host = await BucketHost.OnAsync(servers);

        await CallAsync(
            host, "register-bucket", ("SetBucketValue", "clear-key"), ("SetKeyHashFormat", "0"), ("SetKeyHashValue", "my own key"));

        using var vault = host.Client("my own key", user: "clear-key");
        Assert.True((await vault.GetAsync("/vault/clear-key/data/")).IsSuccessStatusCode);
        Assert.DoesNotContain("my own key", (await CallAsync(host, "list-buckets")).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SetBucketValue", "../x", 400)]
    [InlineData("SetKeyHashFormat", "1", 400)]
    [InlineData("SetKeyHashValue", "x", 400)]
    [InlineData("SetKeyHashFormat", "one", 400)]
    [InlineData("SetOrganizationID", "org", 400)]
    public async Task Registration_that_cannot_be_is_refused(string field, string value, int status)
    {
        await using var host = await BucketHost.OnAsync(servers);

        Assert.Equal(status, Status(await CallAsync(host, "register-bucket", (field, value))));
    }

    [Fact]
    public async Task Id_that_is_taken_is_a_conflict()
    {
        await using var host = await BucketHost.OnAsync(servers);

        Assert.Equal(409, Status(await CallAsync(host, "register-bucket", ("SetBucketValue", host.Id))));
    }

    [Fact]
    public async Task Free_space_is_the_sum_of_the_volumes()
    {
        using var disk = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync();
        await host.AddVolumeAsync(disk.Path);

        var space = await CallAsync(host, "free-space");
        var targets = space.GetProperty("Spanned").GetProperty("Targets").EnumerateArray().ToList();

        AssertFields(space, "Unlimited", "UsedPercent", "AvailableBytes", "Spanned", "B2");
        Assert.Equal(2, targets.Count);
        AssertFields(targets[0], "Unlimited", "UsedPercent", "AvailableBytes", "Spanned", "B2");
        Assert.InRange(space.GetProperty("UsedPercent").GetDouble(), 0.1, 100);
        Assert.Equal(
            targets.Sum(target => target.GetProperty("AvailableBytes").GetInt64()), space.GetProperty("AvailableBytes").GetInt64());
    }

    private static Task<JsonElement> CallAsync(BucketHost host, string name, params (string Name, string Value)[] fields)
    {
        (string Name, string Value)[] credentials =
            [("Username", ServerHost.Username), ("AuthType", "Password"), ("Password", ServerHost.Password)];
        return host.Server.CallCometAsync(
            $"admin/storage/{name}", credentials.Concat(fields).Select(field => KeyValuePair.Create(field.Name, field.Value)));
    }

    private static int Status(JsonElement answer) => answer.GetProperty("Status").GetInt32();

    // One of the vendor's clients fails on any field it does not know.
    private static void AssertFields(JsonElement value, params string[] names) =>
        Assert.Equal(
            names.Order(StringComparer.Ordinal), value.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
}
