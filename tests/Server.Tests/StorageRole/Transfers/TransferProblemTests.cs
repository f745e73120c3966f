using System.Net;
using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Protocol.Profiles;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Storage;
using Halley.Testing;
using static Halley.Server.Tests.AuthRole.Accounts.AccountCalls;
using static Halley.Server.Tests.StorageRole.Transfers.TransferPair;

namespace Halley.Server.Tests.StorageRole.Transfers;

/// <summary>What can go wrong with a transfer, and what becomes of the profiles.</summary>
public sealed class TransferProblemTests
{
    [Theory]
    [DatabaseData]
    public async Task Wrong_credential_is_refused_at_once_and_one_that_ends_meanwhile_fails_the_task(TestDatabase database)
    {
        await using var pair = await TransferPair.StartAsync(database);
        var source = pair.Source;
        await FillAsync(source.Vault, source.Id, 14);
        Assert.Equal(
            "target_credential_refused", await RefusalAsync(pair, new StartTransfer(pair.TargetAddress, ServerHost.Username, "wrong")));
        Assert.Equal("target_credential_refused", await RefusalAsync(pair, pair.Request() with { Token = "halley_wrong" }));
        Assert.Equal("credential_invalid", await RefusalAsync(pair, pair.Request() with { Token = null }));
        Assert.Equal("server_invalid", await RefusalAsync(pair, pair.Request() with { Server = "ftp://other" }));
        Assert.Equal("target_invalid", await RefusalAsync(pair, pair.Request() with { Server = pair.TargetAddress + "somewhere" }));
        Assert.Equal("bucket_id_invalid", await RefusalAsync(pair, pair.Request() with { BucketId = "?" }));

        var task = await pair.TransferHalfAsync();
        Assert.Equal("task_unfinished", await RefusalAsync(pair, pair.Request()));
        var token = Assert.Single((await pair.Admin.GetFromJsonAsync<Page<TokenInfo>>(Routes.Tokens))!.Items);
        Assert.Equal(HttpStatusCode.NoContent, (await pair.Admin.DeleteAsync($"{Routes.Tokens}/{token.Id}")).StatusCode);
        await HurryAsync(source.Admin, task);
        var failed = await EndAsync(source.Admin, task);

        Assert.Equal(TaskState.Failed, failed.State);
        Assert.Contains("rejects the credential", failed.Problem, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(source.Vault, source.Id, TestBlob.Of(BlobType.Data, 10, 80)));
    }

    [Theory]
    [DatabaseData]
    public async Task Target_that_is_full_fails_the_task_which_goes_on_when_there_is_room(TestDatabase database)
    {
        await using var pair = await TransferPair.StartAsync(database);
        var source = pair.Source;
        await BucketHost.PostAsync<BucketCreated>(pair.Admin, Routes.Buckets, new CreateBucket(source.Id));
        await LimitAsync(pair.Admin, 10_000);
        await LimitAsync(source.Admin, 1 << 30);
        await FillAsync(source.Vault, source.Id, 20);

        var task = await pair.TransferAsync(new StartTransfer(pair.TargetAddress, ServerHost.Username, ServerHost.Password));
        var failed = await EndAsync(source.Admin, task);
        Assert.Equal(TaskState.Failed, failed.State);
        Assert.Contains("no room", failed.Problem, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(source.Vault, source.Id, TestBlob.Of(BlobType.Data, 10, 80)));

        await LimitAsync(pair.Admin, 0);
        await ActAsync(source.Admin, task, "resume");
        Assert.Equal(TaskState.Done, (await EndAsync(source.Admin, task)).State);
        using var vault = pair.TargetVault(source.Secret);
        Assert.Equal(await ListAsync(source.Vault, source.Id), await ListAsync(vault, source.Id));
        Assert.Equal(1 << 30, (await pair.Admin.GetFromJsonAsync<BucketInfo>($"/api/v2/buckets/{source.Id}"))!.Quota.HardBytes);

        async Task LimitAsync(HttpClient admin, long bytes)
        {
            using var answer = await admin.PatchAsJsonAsync($"/api/v2/buckets/{source.Id}", new UpdateBucket(HardQuotaBytes: bytes));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Server_that_cannot_be_reached_is_waited_for_and_this_one_and_another_vault_are_refused()
    {
        await using var pair = await TransferPair.StartAsync(TestDatabase.Sqlite);
        var source = pair.Source;
        var blobs = await FillAsync(source.Vault, source.Id, 7);
        var nowhere = await pair.TransferAsync(pair.Request() with { Server = $"http://127.0.0.1:{FreePort.Take()}/" });
        await Eventually.HoldsAsync("it says so", TimeSpan.FromSeconds(30), async () =>
            (await LogAsync(source.Admin, nowhere)).Contains("can't be reached", StringComparison.Ordinal));
        Assert.Equal(TaskState.Running, (await FindAsync(source.Admin, nowhere)).State);
        Assert.Equal(TaskState.Cancelled, (await ActAsync(source.Admin, nowhere, "cancel")).State);

        var here = await pair.TransferAsync(
            new StartTransfer(source.Admin.BaseAddress!.ToString(), ServerHost.Username, ServerHost.Password));
        Assert.Contains("is this one", (await EndAsync(source.Admin, here)).Problem, StringComparison.Ordinal);
        await ActAsync(source.Admin, here, "cancel");
        Assert.Equal(blobs.Count - 1, (await ListAsync(source.Vault, source.Id)).Count);

        var there = await BucketHost.PostAsync<BucketCreated>(pair.Admin, Routes.Buckets, new CreateBucket(source.Id));
        using var vault = pair.TargetVault(there.Secret!);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(vault, source.Id, TestBlob.Of(BlobType.Config, 50, 999)));
        var other = await pair.TransferAsync();
        Assert.Contains("another vault", (await EndAsync(source.Admin, other)).Problem, StringComparison.Ordinal);
        Assert.Empty(await ListAsync(vault, source.Id));
    }

    [Theory]
    [DatabaseData]
    public async Task Profiles_get_the_new_address_and_nothing_else_in_them_changes(TestDatabase database)
    {
        await using var pair = await TransferPair.StartAsync(database);
        var (source, server) = (pair.Source, pair.Source.Server);
        await FillAsync(source.Vault, source.Id, 7);
        var own = source.Admin.BaseAddress!.ToString();
        foreach (var (user, address) in new[] { (User, own), ("elsewhere", "https://elsewhere.example/") })
        {
            await server.AddUserAsync(user);
            var (profile, _) = await server.ReadProfileAsync(user);
            profile.Destinations["v"] = new DestinationConfig
            {
                DestinationType = 1003,
                CometServer = address,
                CometBucket = source.Id,
                CometBucketKey = source.Secret,
                EncryptionKeyEncryptionMethod = 1,
                EncryptedEncryptionKey = "c2VhbGVkIGtleQ==+/ü",
                RepoInitTimestamp = 1_700_000_000,
            };
            Assert.Equal(200, (
                await server.AsAdministratorAsync("set-user-profile", ("TargetUser", user), ("ProfileData", Json(profile)))).StatusOf());
        }

        var (before, _) = await server.ReadProfileAsync();
        var other = Json((await server.ReadProfileAsync("elsewhere")).Profile);
        var versions = (
            await source.Admin.GetFromJsonAsync<Page<ProfileVersionInfo>>($"{Routes.Accounts}/{User}/profile/versions"))!.Items.Count;
        var task = await pair.TransferAsync(
            pair.Request() with { SwitchProfiles = true, BucketId = "new-home", DeviceAddress = "https://new.example" });
        var done = await EndAsync(source.Admin, task);

        Assert.True(done.State == TaskState.Done, done.Problem);
        var (after, _) = await server.ReadProfileAsync();
        Assert.Equal(("https://new.example/", "new-home"), (after.Destinations["v"].CometServer, after.Destinations["v"].CometBucket));
        (before.Destinations["v"].CometServer, before.Destinations["v"].CometBucket) = ("https://new.example/", "new-home");
        Assert.Equal(Json(before), Json(after));
        Assert.Equal(other, Json((await server.ReadProfileAsync("elsewhere")).Profile));
        var kept = (await source.Admin.GetFromJsonAsync<Page<ProfileVersionInfo>>($"{Routes.Accounts}/{User}/profile/versions"))!.Items;
        Assert.Equal(versions + 1, kept.Count);
        Assert.Contains("1 accounts", await LogAsync(source.Admin, task), StringComparison.Ordinal);
        Assert.Equal("https://new.example/vault/new-home/", (
            await source.Admin.GetFromJsonAsync<BucketInfo>($"/api/v2/buckets/{source.Id}"))!.MovedTo);
    }

    [Fact]
    public async Task Bucket_that_is_deleted_meanwhile_and_a_corrupt_file_fail_the_task_and_take_nothing_away_there()
    {
        await using var pair = await TransferPair.StartAsync(TestDatabase.Sqlite);
        var source = pair.Source;
        var blobs = await FillAsync(source.Vault, source.Id, 14);
        using var there = pair.TargetVault(source.Secret);
        var bad = Directory.EnumerateFiles(
            source.BucketFolder, "*", SearchOption.AllDirectories).Single(path => Path.GetFileName(path) == blobs[2].Name.Id);
        await File.WriteAllBytesAsync(bad, [.. blobs[2].Content.Reverse()]);

        var task = await pair.TransferAsync();
        var failed = await EndAsync(source.Admin, task);
        Assert.Contains("1 files cannot be copied", failed.Problem, StringComparison.Ordinal);
        Assert.Contains(blobs[2].Name.Id, await LogAsync(source.Admin, task), StringComparison.Ordinal);
        var copied = await ListAsync(there, source.Id);
        Assert.Contains(blobs[1].Name.ToString(), copied);
        Assert.DoesNotContain(blobs[2].Name.ToString(), copied);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(source.Vault, source.Id, TestBlob.Of(BlobType.Data, 10, 80)));

        Assert.Equal(HttpStatusCode.NoContent, (await source.Admin.DeleteAsync($"/api/v2/buckets/{source.Id}")).StatusCode);
        await ActAsync(source.Admin, task, "resume");
        Assert.Equal(TaskState.Failed, (await EndAsync(source.Admin, task)).State);
        Assert.Equal(copied, await ListAsync(there, source.Id));
        Assert.Equal(TaskState.Cancelled, (await ActAsync(source.Admin, task, "cancel")).State);
    }

    private static async Task<string?> RefusalAsync(TransferPair pair, StartTransfer request)
    {
        using var answer = await pair.Source.Admin.PostAsJsonAsync($"/api/v2/buckets/{pair.Source.Id}/transfer", request);
        Assert.False(answer.IsSuccessStatusCode);
        return await answer.CodeOfAsync();
    }
}
