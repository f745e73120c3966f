using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Halley.Protocol;
using Halley.Storage.Remote;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>A server with an administrator, a bucket and its key, reached over a real socket.</summary>
internal sealed class BucketHost : IAsyncDisposable
{
    private readonly bool _ownsServer;

    private BucketHost(ServerHost server, HttpClient admin, BucketCreated bucket, bool ownsServer)
    {
        (Server, Admin, Created, _ownsServer) = (server, admin, bucket, ownsServer);
        Vault = Client(Secret);
    }

    public ServerHost Server { get; }

    /// <summary>Signed in as the administrator.</summary>
    public HttpClient Admin { get; }

    /// <summary>Holds the bucket's first key.</summary>
    public HttpClient Vault { get; }

    public BucketCreated Created { get; }

    public string Id => Created.Bucket.Id;

    public string Secret => Created.Secret!;

    public string FirstVolume => Path.Combine(Server.DataDirectory, "volume-1");

    public string BucketFolder => Path.Combine(FirstVolume, "buckets", Id);

    public static Task<BucketHost> StartAsync(TestDatabase database) =>
        StartAsync(new ServerHostOptions { Database = database, Kestrel = true });

    public static async Task<BucketHost> StartAsync(ServerHostOptions? options = null)
    {
        var server = await ServerHost.StartWithAdministratorAsync(options ?? new ServerHostOptions { Kestrel = true });
        var admin = await server.SignInAsync();
        return new BucketHost(server, admin, await PostAsync<BucketCreated>(admin, Routes.Buckets, new CreateBucket()), ownsServer: true);
    }

    /// <summary>A new bucket on the server that the tests of a class share on a database.</summary>
    public static async Task<BucketHost> OnAsync(SharedServers servers, TestDatabase database = TestDatabase.Sqlite)
    {
        var server = await servers.StartAsync(database);
        var admin = await server.SignInAsync();
        return new BucketHost(server, admin, await PostAsync<BucketCreated>(admin, Routes.Buckets, new CreateBucket()), ownsServer: false);
    }

    /// <summary>A new bucket on a server that several tests share.</summary>
    public static async Task<BucketHost> OnAsync(SharedServer shared) => new(
        shared.Server, shared.Admin, await PostAsync<BucketCreated>(shared.Admin, Routes.Buckets, new CreateBucket()), ownsServer: false);

    /// <summary>A client of the bucket with any secret; without one when it is null.</summary>
    public HttpClient Client(string? secret, string? user = null)
    {
        var client = Server.CreateClient();
        if (secret is not null)
        {
            var credential = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user ?? Id}:{secret}"));
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credential);
        }

        return client;
    }

    /// <summary>The bucket as a client of the protocol has it.</summary>
    public VaultBlobStore OpenVault(string? secret = null, HttpClient? client = null, TimeProvider? time = null) =>
        new(client ?? Vault, new Uri(Server.Http.BaseAddress!, Url("")), Id, secret ?? Secret, time ?? TimeProvider.System);

    public string Url(string path) => $"/vault/{Id}/{path}";

    public async Task<BucketKeyCreated> AddKeyAsync(CreateBucketKey request) =>
        await PostAsync<BucketKeyCreated>(Admin, Routes.BucketKeys.Replace("{bucketId}", Id, StringComparison.Ordinal), request);

    public Task<HttpResponseMessage> RevokeAsync(BucketKeyInfo key) => Admin.DeleteAsync($"/api/v2/buckets/{Id}/keys/{key.Id}");

    public async Task<VolumeInfo> AddVolumeAsync(string path) => await PostAsync<VolumeInfo>(Admin, Routes.Volumes, new AddVolume(path));

    public static async Task<T> PostAsync<T>(HttpClient client, string url, object body)
    {
        using var answer = await client.PostAsJsonAsync(url, body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<T>())!;
    }

    public async ValueTask DisposeAsync()
    {
        Vault.Dispose();
        if (_ownsServer)
        {
            Admin.Dispose();
            await Server.DisposeAsync();
        }
    }
}
