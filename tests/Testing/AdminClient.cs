using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Client;

namespace Halley.Testing;

/// <summary>
/// An administrator of a server in a process of its own. Every call goes through the public API, and a refusal fails the test.
/// </summary>
public sealed class AdminClient : IDisposable
{
    public const string Username = "admin";
    public const string Password = "a long pass phrase for tests 1";

    private readonly HttpClient _http;
    private readonly HalleyClient _client;

    private AdminClient(Uri address)
    {
        _http = new HttpClient { BaseAddress = address };
        _client = new HalleyClient(_http, address, TimeProvider.System);
    }

    /// <summary>Makes the first administrator with the set-up token that the server left in its data directory, and signs in.</summary>
    public static async Task<AdminClient> SetUpAsync(Uri address, string dataDirectory)
    {
        var client = new AdminClient(address);
        var token = (await File.ReadAllTextAsync(Path.Combine(dataDirectory, "setup-token"))).Trim();
        var status = await client.TryAddFirstAdministratorAsync(token);
        if (status != 200)
        {
            throw new InvalidOperationException($"The first administrator could not be made: {status}.");
        }

        await client.SignInAsync();
        return client;
    }

    public static async Task<AdminClient> SignInAsync(Uri address)
    {
        var client = new AdminClient(address);
        await client.SignInAsync();
        return client;
    }

    /// <summary>The call that takes the set-up token. Returns the status in the body: this API always responds with 200.</summary>
    public async Task<int> TryAddFirstAdministratorAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Routes.CometApi}/admin/add-first-admin-user")
        {
            Content = new FormUrlEncodedContent([new("TargetUser", Username), new("TargetPassword", Password)]),
        };
        request.Headers.Add("X-Halley-Setup-Token", token);
        using var response = await _http.SendAsync(request);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("Status").GetInt32();
    }

    public Task<BucketCreated> AddBucketAsync(string? id = null, BucketKeyMode mode = BucketKeyMode.Full) =>
        ValueAsync(_client.CreateBucketAsync(new CreateBucket(Id: id, KeyMode: mode), default));

    public async Task<IReadOnlyList<BucketInfo>> ListBucketsAsync() =>
        (await ValueAsync(_client.ListBucketsAsync(default))).Items;

    public Task<BucketKeyCreated> AddKeyAsync(string bucketId, BucketKeyMode mode) =>
        ValueAsync(_client.AddBucketKeyAsync(bucketId, new CreateBucketKey(mode, Label: $"{mode} key of a test"), default));

    public Task RevokeKeyAsync(string bucketId, Guid keyId) => DoneAsync(_client.RevokeBucketKeyAsync(bucketId, keyId, default));

    public Task<VolumeInfo> AddVolumeAsync(string path) => ValueAsync(_client.AddVolumeAsync(new AddVolume(path), default));

    public Task SetVolumeModeAsync(Guid volumeId, VolumeMode mode) =>
        DoneAsync(_client.UpdateVolumeAsync(volumeId, new UpdateVolume(mode), default));

    public async Task<IReadOnlyList<VolumeInfo>> ListVolumesAsync() => (await ValueAsync(_client.ListVolumesAsync(default))).Items;

    /// <summary>Changes the path of a volume on the server.</summary>
    public Task RelocateAsync(Guid volumeId, string path) =>
        DoneAsync(_client.UpdateVolumeAsync(volumeId, new UpdateVolume(Path: path), default));

    /// <summary>Starts a drain of a volume without a limit of its rate.</summary>
    public async Task<TaskInfo> DrainAsync(Guid volumeId) =>
        (await ValueAsync(_client.DrainVolumeAsync(volumeId, new MoveRequest(Apply: true), default))).Task!;

    /// <summary>Plans to fill volumes alike, or does it.</summary>
    public Task<MovePlan> RebalanceAsync(MoveRequest request) => ValueAsync(_client.RebalanceVolumesAsync(request, default));

    public Task RemoveVolumeAsync(Guid volumeId) => DoneAsync(_client.RemoveVolumeAsync(volumeId, default));

    /// <summary>Starts to move a bucket to another server.</summary>
    public Task<TaskInfo> TransferAsync(string bucketId, StartTransfer request) =>
        ValueAsync(_client.StartTransferAsync(bucketId, request, default));

    /// <summary>A further administrator with <see cref="Password"/>.</summary>
    public Task AddAdministratorAsync(string username) =>
        CallAsync("admin-user/new", ("TargetUser", username), ("TargetPassword", Password));

    public Task DeleteBucketAsync(string bucketId) => CallAsync("storage/delete-bucket", ("BucketID", bucketId));

    /// <summary>An API token of this administrator.</summary>
    public async Task<string> AddTokenAsync(params string[] scopes) =>
        (await ValueAsync(_client.CreateTokenAsync(new CreateToken("a test", scopes), default))).Token;

    public Task LimitTaskAsync(Guid taskId, long bytesPerSecond) =>
        DoneAsync(_client.UpdateTaskAsync(taskId, new UpdateTask(bytesPerSecond), default));

    /// <summary>Starts to read everything on a volume again.</summary>
    public Task<TaskInfo> ScrubAsync(Guid volumeId) => ValueAsync(_client.ScrubVolumeAsync(volumeId, new StartScrub(), default));

    public Task<TaskInfo> FindTaskAsync(Guid taskId) => ValueAsync(_client.FindTaskAsync(taskId, default));

    public Task CancelTaskAsync(Guid taskId) => ValueAsync(_client.CancelTaskAsync(taskId, default));

    public void Dispose() => _http.Dispose();

    private async Task SignInAsync() => await ValueAsync(_client.SignInAsync(new StartSession(Username, Password), default));

    // What the client has no method for: a call of the vendor's API.
    private async Task CallAsync(string call, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent([
            new("Username", Username), new("AuthType", "Password"), new("Password", Password),
            .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)),
        ]);
        using var response = await _http.PostAsync(new Uri($"{Routes.CometApi}/admin/{call}", UriKind.Relative), form);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        if (answer.GetProperty("Status").GetInt32() != 200)
        {
            throw new InvalidOperationException($"{call} was refused: {answer}");
        }
    }

    private static async Task<T> ValueAsync<T>(Task<ApiResult<T>> call)
        where T : class =>
            (await call).TryGet(out var value, out var refusal) ? value : throw new InvalidOperationException(refusal.ToString());

    private static async Task DoneAsync(Task<ApiRefusal?> call)
    {
        if (await call is { } refusal)
        {
            throw new InvalidOperationException(refusal.ToString());
        }
    }
}
