using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Halley.Protocol;
using Halley.Server.Tests.Organizations;
using Halley.Storage;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary><c>POST /api/v2/buckets/{id}/verify</c>: whether files are there, and right.</summary>
public sealed class VerifyTests(SharedServer shared) : IClassFixture<SharedServer>
{
    [Fact]
    public async Task Files_are_told_present_or_absent_and_read_when_that_is_asked_for()
    {
        await using var host = await BucketHost.OnAsync(shared);
        var (good, bad, absent) = (TestBlob.Of(BlobType.Index, 700, seed: 1), TestBlob.Of(BlobType.Index, 800, seed: 2),
            TestBlob.Of(BlobType.Data, 900, seed: 3));
        foreach (var blob in new[] { good, bad, TestBlob.Of(BlobType.Config, 155, seed: 4) })
        {
            Assert.Equal(HttpStatusCode.OK,
                (await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content))).StatusCode);
        }

        var path = Path.Combine(host.BucketFolder, bad.Name.ToString());
        await File.WriteAllBytesAsync(path, new byte[800]);
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        string[] names = [good.Name.ToString(), absent.Name.ToString(), bad.Name.ToString(), "config"];

        var looked = await VerifyAsync(host, names, reread: false);
        var read = await VerifyAsync(host, names, reread: true);

        Assert.Equal(names, looked.Select(file => file.Name));
        Assert.Equal([true, false, true, true], looked.Select(file => file.Present));
        Assert.Equal([700, null, 800, 155], looked.Select(file => file.Bytes));
        Assert.Equal([1, 0, 1, 1], looked.Select(file => file.VolumeIds.Count));
        Assert.All(looked, file => Assert.Null(file.Result));
        Assert.Equal([RereadResult.Right, null, RereadResult.Bad, RereadResult.Right], read.Select(file => file.Result));
        Assert.Equal([true, false, false, true], read.Select(file => file.Present));
        Assert.NotNull(read[0].VerifiedAt);
        var findings = (await host.Admin.GetFromJsonAsync<Page<ScrubFindingInfo>>($"{Routes.ScrubFindings}?bucketId={host.Id}"))!.Items;
        Assert.Equal(bad.Name.ToString(), Assert.Single(findings).Path);
    }

    [Fact]
    public async Task Names_that_cannot_be_and_buckets_of_others_are_refused()
    {
        await using var host = await BucketHost.OnAsync(shared);
        var organization = await shared.Server.AddOrganizationAsync("verify-tenant");
        await shared.Server.AddAdministratorAsync("vera", organization);
        using var vera = await shared.Server.SignInAsync("vera", ServerHost.Password);

        Assert.Equal("names_invalid", await RefusalAsync(host.Admin, host.Id, new VerifyFiles(["data/xyz"])));
        Assert.Equal("names_invalid", await RefusalAsync(host.Admin, host.Id, new VerifyFiles(["../../etc/passwd"])));
        Assert.Equal("names_invalid", await RefusalAsync(host.Admin, host.Id, new VerifyFiles(null)));
        Assert.Equal("names_invalid", await RefusalAsync(host.Admin, host.Id, new VerifyFiles([.. Enumerable.Repeat("config", 10_001)])));
        Assert.Equal("bucket_not_found", await RefusalAsync(host.Admin, "no-such-bucket", new VerifyFiles(["config"])));
        Assert.Equal("bucket_not_found", await RefusalAsync(vera, host.Id, new VerifyFiles(["config"])));
        Assert.Equal(10_000, (await VerifyAsync(host, [.. Enumerable.Repeat("config", 10_000)], reread: false)).Count);
    }

    private static async Task<IReadOnlyList<VerifiedFile>> VerifyAsync(BucketHost host, IReadOnlyList<string> names, bool reread) =>
        (await BucketHost.PostAsync<FilesVerified>(host.Admin, $"/api/v2/buckets/{host.Id}/verify", new VerifyFiles(names, reread))).Items;

    private static async Task<string> RefusalAsync(HttpClient admin, string bucketId, VerifyFiles request)
    {
        using var answer = await admin.PostAsJsonAsync($"/api/v2/buckets/{bucketId}/verify", request);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.GetValue<string>();
    }
}
