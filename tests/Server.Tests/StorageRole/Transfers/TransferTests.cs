using System.Net;
using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Server.StorageRole.Buckets;
using Halley.Storage;
using Halley.Testing;
using static Halley.Server.Tests.StorageRole.Transfers.TransferPair;

namespace Halley.Server.Tests.StorageRole.Transfers;

/// <summary>A bucket moves from one server to another, over <c>/api/v2</c> and the vault.</summary>
public sealed class TransferTests
{
    [Theory]
    [DatabaseData]
    public async Task Bucket_moves_with_all_files_and_keys_and_can_only_be_read_where_it_was(TestDatabase database)
    {
        await using var pair = await TransferPair.StartAsync(database);
        var source = pair.Source;
        var blobs = await FillAsync(source.Vault, source.Id, 20);
        var expires = new DateTime(2090, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        var reader = await source.AddKeyAsync(new CreateBucketKey(BucketKeyMode.ReadOnly, "reader", expires));
        var revoked = await source.AddKeyAsync(new CreateBucketKey(BucketKeyMode.Full, "revoked"));
        await source.RevokeAsync(revoked.Key);

        var task = await pair.TransferAsync();
        var done = await EndAsync(source.Admin, task);

        Assert.True(done.State == TaskState.Done, $"{done.Problem}\n{await LogAsync(source.Admin, task)}");
        Assert.Equal(("transfer", source.Id, ServerHost.Username), (done.Kind, done.Subject, done.CreatedBy));
        using var vault = pair.TargetVault(source.Secret);
        foreach (var blob in blobs)
        {
            Assert.Equal(blob.Content, await vault.GetByteArrayAsync(source.Url(blob.Name.ToString())));
        }

        Assert.Equal(await ListAsync(source.Vault, source.Id), await ListAsync(vault, source.Id));
        var keys = (await pair.Admin.GetFromJsonAsync<Page<BucketKeyInfo>>($"/api/v2/buckets/{source.Id}/keys"))!.Items;
        Assert.Equal(
            [(BucketKeyMode.Full, "", null), (BucketKeyMode.ReadOnly, "reader", (DateTime?)expires)],
            keys.Select(key => (key.Mode, key.Label, key.ExpiresAt)).Order());
        using var readingVault = pair.TargetVault(reader.Secret!);
        Assert.Equal(blobs[1].Content, await readingVault.GetByteArrayAsync(source.Url(blobs[1].Name.ToString())));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(readingVault, source.Id, TestBlob.Of(BlobType.Data, 10, 900)));
        using var revokedVault = pair.TargetVault(revoked.Secret!);
        Assert.Equal(HttpStatusCode.Unauthorized, (await revokedVault.GetAsync(source.Url("data/"))).StatusCode);

        // Where it was it can be read and locked, until an administrator lets it take files again.
        var home = $"{pair.TargetAddress}vault/{source.Id}/";
        Assert.Equal(home, (await source.Admin.GetFromJsonAsync<BucketInfo>($"/api/v2/buckets/{source.Id}"))!.MovedTo);
        var another = TestBlob.Of(BlobType.Data, 100, 901);
        using var refused = await source.Vault.PostAsync(source.Url(another.Name.ToString()), new ByteArrayContent(another.Content));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains(home, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await DeleteAsync(source.Vault, source.Id, blobs[1]));
        Assert.Equal(blobs[1].Content, await source.Vault.GetByteArrayAsync(source.Url(blobs[1].Name.ToString())));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(source.Vault, source.Id, TestBlob.Of(BlobType.Locks, 100, 902)));
        Assert.Contains("HALLEY_BUCKET_MOVED", await source.Admin.GetStringAsync(Routes.Events), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await source.Admin.PostAsync($"/api/v2/buckets/{source.Id}/unfreeze", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(source.Vault, source.Id, another));
    }

    [Theory]
    [DatabaseData]
    public async Task Files_that_come_and_go_meanwhile_come_and_go_there_and_foreign_files_stay(TestDatabase database)
    {
        await using var pair = await TransferPair.StartAsync(database);
        var source = pair.Source;
        var there = await BucketHost.PostAsync<BucketCreated>(pair.Admin, Routes.Buckets, new CreateBucket(source.Id));
        using var foreignVault = pair.TargetVault(there.Secret!);
        var foreign = TestBlob.Of(BlobType.Data, 5000, 500);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(foreignVault, source.Id, foreign));
        var blobs = await FillAsync(source.Vault, source.Id, 21);
        var (both, lockFile) = (
            blobs.First(blob => blob.Name.Type == BlobType.Data), blobs.First(blob => blob.Name.Type == BlobType.Locks));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(foreignVault, source.Id, both)); // not copied, hence not for the transfer to delete

        var task = await pair.TransferHalfAsync();
        var copied = (await ListAsync(foreignVault, source.Id)).Except([foreign.Name.ToString(), both.Name.ToString()]).ToList();
        Assert.InRange(copied.Count, 2, blobs.Count - 2);
        var deleted = blobs.First(blob => copied.Contains(blob.Name.ToString()));
        foreach (var blob in new[] { deleted, both, lockFile })
        {
            Assert.Equal(HttpStatusCode.OK, await DeleteAsync(source.Vault, source.Id, blob));
        }

        var added = TestBlob.Of(BlobType.Snapshots, 700, 600);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(source.Vault, source.Id, added));
        await HurryAsync(source.Admin, task);
        var done = await EndAsync(source.Admin, task);

        Assert.True(done.State == TaskState.Done, done.Problem);
        var expected = (
            await ListAsync(source.Vault, source.Id)).Concat([foreign.Name.ToString(), both.Name.ToString()]).Order(StringComparer.Ordinal);
        Assert.Equal(expected, await ListAsync(foreignVault, source.Id));
        using var vault = pair.TargetVault(source.Secret);
        Assert.Equal(added.Content, await vault.GetByteArrayAsync(source.Url(added.Name.ToString())));
        Assert.Contains("1 removed there", await LogAsync(source.Admin, task), StringComparison.Ordinal);
    }

    [Theory]
    [DatabaseData]
    public async Task Transfer_goes_on_after_a_restart_and_forgets_the_credential_at_its_end(TestDatabase database)
    {
        using var data = new TemporaryDirectory();
        var connection = database == TestDatabase.PostgreSql ? await PostgresCluster.CreateDatabaseAsync() : null;
        var options = new ServerHostOptions { Kestrel = true, DataDirectory = data.Path, ConnectionString = connection };
        await using (var pair = await TransferPair.StartAsync(database, options))
        {
            var blobs = await FillAsync(pair.Source.Vault, pair.Source.Id, 20);
            var task = await pair.TransferHalfAsync();
            using var there = pair.TargetVault(pair.Source.Secret);
            var copied = await ListAsync(there, pair.Source.Id);
            var deleted = blobs.First(blob => copied.Contains(blob.Name.ToString()));
            Assert.Equal(HttpStatusCode.OK, await DeleteAsync(pair.Source.Vault, pair.Source.Id, deleted));
            await pair.Source.Server.DisposeAsync();
            Assert.DoesNotContain(pair.Token, ServerHost.ReadLog(data.Path), StringComparison.Ordinal);

            await using var again = await ServerHost.StartAsync(options);
            using var admin = await again.SignInAsync();
            Assert.Equal(TaskState.Running, (await FindAsync(admin, task)).State);
            await HurryAsync(admin, task);
            var done = await EndAsync(admin, task);

            Assert.True(done.State == TaskState.Done, done.Problem);
            var expected = blobs.Where(blob => blob != deleted && blob.Name.Type != BlobType.Config).Select(blob => blob.Name.ToString());
            Assert.Equal(expected.Order(StringComparer.Ordinal), await ListAsync(there, pair.Source.Id));
            var credentials = again.Service<Halley.Server.StorageRole.Transfers.TransferCredentials>();
            Assert.Null(await credentials.FindAsync(pair.Source.Id, default));
            Assert.Empty(Directory.GetFiles(data["transfers"]));
            var keys = (await pair.Admin.GetFromJsonAsync<Page<BucketKeyInfo>>($"/api/v2/buckets/{pair.Source.Id}/keys"))!.Items;
            Assert.Equal("", Assert.Single(keys).Label); // the one of the transfer is gone
        }

        if (connection is not null)
        {
            await PostgresCluster.DropDatabaseAsync(connection);
        }
    }

    [Theory]
    [DatabaseData]
    public async Task Writers_wait_during_the_last_pass_and_no_longer_when_it_is_paused_or_cancelled(TestDatabase database)
    {
        await using var pair = await TransferPair.StartAsync(database);
        var source = pair.Source;
        var blobs = await FillAsync(source.Vault, source.Id, 5);
        Assert.True(source.Server.Service<BucketCache>().TryFind(source.Id, out var bucket));
        Assert.True(bucket.Writes.TryEnter()); // an upload that does not come to its end

        var task = await pair.TransferAsync();
        var probe = TestBlob.Of(BlobType.Data, 300, 700);
        await FrozenAsync();
        using var refused = await source.Vault.PostAsync(source.Url(probe.Name.ToString()), new ByteArrayContent(probe.Content));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(blobs[1].Content, await source.Vault.GetByteArrayAsync(source.Url(blobs[1].Name.ToString())));

        Assert.Equal(TaskState.Paused, (await ActAsync(source.Admin, task, "pause")).State);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(source.Vault, source.Id, probe));
        await ActAsync(source.Admin, task, "resume");
        await FrozenAsync();
        Assert.Equal(TaskState.Cancelled, (await ActAsync(source.Admin, task, "cancel")).State);
        Assert.Equal(HttpStatusCode.OK, await DeleteAsync(source.Vault, source.Id, probe));
        var keys = (await pair.Admin.GetFromJsonAsync<Page<BucketKeyInfo>>($"/api/v2/buckets/{source.Id}/keys"))!.Items;
        Assert.Equal("", Assert.Single(keys).Label);
        Assert.Null((await source.Admin.GetFromJsonAsync<BucketInfo>($"/api/v2/buckets/{source.Id}"))!.MovedTo);

        var second = await pair.TransferAsync();
        await FrozenAsync();
        bucket.Writes.Leave();
        Assert.Equal(TaskState.Done, (await EndAsync(source.Admin, second)).State);

        Task FrozenAsync() => Eventually.HoldsAsync("writers wait", TimeSpan.FromSeconds(30), async () =>
            await DeleteAsync(source.Vault, source.Id, TestBlob.Of(BlobType.Data, 1, 1)) == HttpStatusCode.ServiceUnavailable);
    }
}
