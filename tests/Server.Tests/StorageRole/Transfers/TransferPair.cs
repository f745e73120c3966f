using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Halley.Protocol;
using Halley.Storage;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole.Transfers;

/// <summary>Two servers: one with a bucket, and one that is to get it.</summary>
internal sealed class TransferPair : IAsyncDisposable
{
    private TransferPair(BucketHost source, ServerHost target, HttpClient admin, string token)
    {
        (Source, Target, Admin, Token) = (source, target, admin, token);
    }

    public BucketHost Source { get; }

    public ServerHost Target { get; }

    /// <summary>Signed in as the administrator of the target.</summary>
    public HttpClient Admin { get; }

    /// <summary>An API token of the target that reaches nothing but buckets.</summary>
    public string Token { get; }

    public string TargetAddress => Target.Http.BaseAddress!.ToString();

    public static async Task<TransferPair> StartAsync(TestDatabase database, ServerHostOptions? source = null)
    {
        var target = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Kestrel = true });
        var admin = await target.SignInAsync();
        var token = await BucketHost.PostAsync<TokenCreated>(admin, Routes.Tokens, new CreateToken("transfers", ["buckets"]));
        return new TransferPair(await BucketHost.StartAsync(source
            ?? new ServerHostOptions { Database = database, Kestrel = true }), target, admin, token.Token);
    }

    public StartTransfer Request(long? rate = null) => new(TargetAddress, Token: Token, MaxBytesPerSecond: rate);

    public async Task<Guid> TransferAsync(StartTransfer? request = null) =>
        (await BucketHost.PostAsync<TaskInfo>(Source.Admin, $"/api/v2/buckets/{Source.Id}/transfer", request ?? Request())).Id;

    /// <summary>Starts one that stops by itself after its first files, and waits until it has.</summary>
    public async Task<Guid> TransferHalfAsync()
    {
        var task = await TransferAsync(Request(rate: 1));
        await Eventually.HoldsAsync(
            "the first files are copied", TimeSpan.FromSeconds(30), async () => (await FindAsync(Source.Admin, task)).FilesDone >= 2);
        return task;
    }

    public static async Task<TaskInfo> FindAsync(HttpClient admin, Guid task) =>
        (await admin.GetFromJsonAsync<TaskInfo>($"/api/v2/tasks/{task}"))!;

    public static async Task<TaskInfo> EndAsync(HttpClient admin, Guid task)
    {
        TaskInfo? now = null;
        await Eventually.HoldsAsync(
            "the task ends", TimeSpan.FromSeconds(30), async () => (now = await FindAsync(admin, task)).State != TaskState.Running);
        return now!;
    }

    public static async Task HurryAsync(HttpClient admin, Guid task)
    {
        using var answer = await admin.PatchAsJsonAsync($"/api/v2/tasks/{task}", new UpdateTask(0));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    public static Task<TaskInfo> ActAsync(HttpClient admin, Guid task, string act) =>
        BucketHost.PostAsync<TaskInfo>(admin, $"/api/v2/tasks/{task}/{act}", new { });

    public static async Task<string> LogAsync(HttpClient admin, Guid task) =>
        string.Join('\n', (await admin.GetFromJsonAsync<Page<TaskLogEntry>>($"/api/v2/tasks/{task}/log"))!.Items.Select(line => line.Text));

    /// <summary>A client of the bucket on the target.</summary>
    public HttpClient TargetVault(string secret)
    {
        var client = Target.CreateClient();
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Source.Id}:{secret}")));
        return client;
    }

    public static async Task<List<TestBlob>> FillAsync(HttpClient vault, string bucket, int count, int seed = 1)
    {
        var blobs = Enumerable.Range(
            0, count).Select(i => TestBlob.Of((BlobType)(i % 7), 2000 + (i * 100), seed + i)).DistinctBy(blob => blob.Name).ToList();
        foreach (var blob in blobs)
        {
            Assert.Equal(HttpStatusCode.OK, await PostAsync(vault, bucket, blob));
        }

        return blobs;
    }

    public static async Task<HttpStatusCode> PostAsync(HttpClient vault, string bucket, TestBlob blob)
    {
        using var answer = await vault.PostAsync($"/vault/{bucket}/{blob.Name}", new ByteArrayContent(blob.Content));
        return answer.StatusCode;
    }

    public static async Task<HttpStatusCode> DeleteAsync(HttpClient vault, string bucket, TestBlob blob)
    {
        using var answer = await vault.DeleteAsync($"/vault/{bucket}/{blob.Name}");
        return answer.StatusCode;
    }

    /// <summary>All files of the bucket as a client sees them.</summary>
    public static async Task<List<string>> ListAsync(HttpClient vault, string bucket)
    {
        var names = new List<string>();
        foreach (var type in BlobName.Collections)
        {
            var ids = await vault.GetFromJsonAsync<List<string>>($"/vault/{bucket}/{BlobName.NameOf(type)}/");
            names.AddRange(ids!.Select(id => $"{BlobName.NameOf(type)}/{id}"));
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await Source.DisposeAsync();
        await Target.DisposeAsync();
    }
}
