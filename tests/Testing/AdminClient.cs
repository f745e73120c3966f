using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;

namespace Halley.Testing;

/// <summary>An administrator at work on a server that runs in a process of its own: every call goes through the public API.</summary>
public sealed class AdminClient : IDisposable
{
    public const string Username = "admin";
    public const string Password = "a long pass phrase for tests 1";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly HttpClient _http;

    private AdminClient(Uri address)
    {
        _http = new HttpClient { BaseAddress = address };
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

    /// <summary>The call that takes the set-up token. Answers the status in the body: this API is always answered with 200.</summary>
    public async Task<int> TryAddFirstAdministratorAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/admin/add-first-admin-user")
        {
            Content = new FormUrlEncodedContent([new("TargetUser", Username), new("TargetPassword", Password)]),
        };
        request.Headers.Add("X-Halley-Setup-Token", token);
        using var response = await _http.SendAsync(request);
        return (await ReadAsync<JsonElement>(response)).GetProperty("Status").GetInt32();
    }

    public Task<BucketCreated> AddBucketAsync(string? id = null, BucketKeyMode mode = BucketKeyMode.Full) =>
        PostAsync<BucketCreated>(Routes.Buckets, new CreateBucket(Id: id, KeyMode: mode));

    public Task<BucketKeyCreated> AddKeyAsync(string bucketId, BucketKeyMode mode) =>
        PostAsync<BucketKeyCreated>(Of(Routes.BucketKeys, bucketId), new CreateBucketKey(mode, Label: $"{mode} key of a test"));

    public async Task RevokeKeyAsync(string bucketId, Guid keyId)
    {
        using var response = await _http.DeleteAsync(new Uri($"{Of(Routes.BucketKeys, bucketId)}/{keyId}", UriKind.Relative));
        await EnsureSuccessAsync(response);
    }

    public Task<VolumeInfo> AddVolumeAsync(string path) => PostAsync<VolumeInfo>(Routes.Volumes, new AddVolume(path));

    public async Task SetVolumeModeAsync(Guid volumeId, VolumeMode mode)
    {
        using var response = await _http.PatchAsJsonAsync($"{Routes.Volumes}/{volumeId}", new UpdateVolume(mode), Json);
        await EnsureSuccessAsync(response);
    }

    public async Task<IReadOnlyList<VolumeInfo>> ListVolumesAsync()
    {
        using var response = await _http.GetAsync(new Uri(Routes.Volumes, UriKind.Relative));
        return (await ReadAsync<Page<VolumeInfo>>(response)).Items;
    }

    /// <summary>A volume is at another place from now on.</summary>
    public async Task RelocateAsync(Guid volumeId, string path)
    {
        using var response = await _http.PatchAsJsonAsync($"{Routes.Volumes}/{volumeId}", new UpdateVolume(Path: path), Json);
        await EnsureSuccessAsync(response);
    }

    /// <summary>Starts to empty a volume, as fast as it goes.</summary>
    public async Task<TaskInfo> DrainAsync(Guid volumeId) =>
        (await PostAsync<MovePlan>(Routes.VolumeDrain.Replace("{volumeId:guid}", volumeId.ToString(), StringComparison.Ordinal), new MoveRequest(Apply: true))).Task!;

    /// <summary>Plans to fill volumes alike, or does it.</summary>
    public Task<MovePlan> RebalanceAsync(MoveRequest request) => PostAsync<MovePlan>(Routes.VolumesRebalance, request);

    public async Task RemoveVolumeAsync(Guid volumeId)
    {
        using var response = await _http.DeleteAsync(new Uri($"{Routes.Volumes}/{volumeId}", UriKind.Relative));
        await EnsureSuccessAsync(response);
    }

    /// <summary>Starts to move a bucket to another server.</summary>
    public Task<TaskInfo> TransferAsync(string bucketId, StartTransfer request) => PostAsync<TaskInfo>(Of(Routes.BucketTransfer, bucketId), request);

    /// <summary>An API token of this administrator.</summary>
    public async Task<string> AddTokenAsync(params string[] scopes) => (await PostAsync<TokenCreated>(Routes.Tokens, new CreateToken("a test", scopes))).Token;

    public async Task LimitTaskAsync(Guid taskId, long bytesPerSecond)
    {
        using var response = await _http.PatchAsJsonAsync($"{Routes.Tasks}/{taskId}", new UpdateTask(bytesPerSecond), Json);
        await EnsureSuccessAsync(response);
    }

    /// <summary>Starts to read everything on a volume again.</summary>
    public Task<TaskInfo> ScrubAsync(Guid volumeId) =>
        PostAsync<TaskInfo>(Routes.VolumeScrub.Replace("{volumeId:guid}", volumeId.ToString(), StringComparison.Ordinal), new StartScrub());

    public async Task<TaskInfo> FindTaskAsync(Guid taskId) => (await _http.GetFromJsonAsync<TaskInfo>($"{Routes.Tasks}/{taskId}"))!;

    public async Task CancelTaskAsync(Guid taskId)
    {
        using var response = await _http.PostAsync(new Uri($"{Routes.Tasks}/{taskId}/cancel", UriKind.Relative), content: null);
        await EnsureSuccessAsync(response);
    }

    public void Dispose() => _http.Dispose();

    private static string Of(string route, string bucketId) => route.Replace("{bucketId}", bucketId, StringComparison.Ordinal);

    private async Task SignInAsync()
    {
        var session = await PostAsync<SessionStarted>(Routes.Sessions, new StartSession(Username, Password));
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.SessionKey);
    }

    private async Task<T> PostAsync<T>(string path, object body)
    {
        using var response = await _http.PostAsJsonAsync(path, body, Json);
        return await ReadAsync<T>(response);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response)
    {
        await EnsureSuccessAsync(response);
        return await response.Content.ReadFromJsonAsync<T>(Json) ?? throw new InvalidOperationException("The answer is empty.");
    }

    private static async Task EnsureSuccessAsync(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(
                $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri} → {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }
    }
}
