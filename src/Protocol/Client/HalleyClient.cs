using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;

namespace Halley.Protocol.Client;

/// <summary>
/// A client of the <c>/api/v2</c> of a Halley server. A refusal of the server is a value, because callers decide by its code. Each method
/// throws an <see cref="HttpRequestException"/> when the server can't be reached, stops responding, or returns something that is not JSON.
/// </summary>
/// <param name="http">
/// Sends the requests; the caller keeps ownership. It should not follow redirects, which would take the credential elsewhere.
/// </param>
/// <param name="server">Address of the server with a slash at its end.</param>
/// <param name="time">The clock.</param>
public sealed class HalleyClient(HttpClient http, Uri server, TimeProvider time)
{
    private const int LongestProblem = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Reading gigabytes again on a busy disk takes its time.</summary>
    private static readonly TimeSpan PatienceForReading = TimeSpan.FromMinutes(30);

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Name and port of the server, for messages.</summary>
    public string Host => server.Authority;

    /// <summary>The session key or API token that requests carry; null for none.</summary>
    public string? Bearer { get; set; }

    /// <summary>Starts a session, and lets the requests that follow carry its key.</summary>
    public async Task<ApiResult<SessionStarted>> SignInAsync(StartSession request, CancellationToken cancellationToken)
    {
        var result = await PostAsync(
            Routes.Sessions, request, ApiJson.Default.StartSession, ApiJson.Default.SessionStarted, cancellationToken);
        Bearer = result.TryGet(out var session, out _) ? session.SessionKey : null;
        return result;
    }

    /// <summary>Ends the session of these requests.</summary>
    public Task<ApiRefusal?> SignOutAsync(CancellationToken cancellationToken) => DeleteAsync(Routes.CurrentSession, cancellationToken);

    /// <summary>How the keys of an account are derived; needs no credential.</summary>
    public Task<ApiResult<PreLoginAnswer>> PreLoginAsync(PreLogin request, CancellationToken cancellationToken) =>
        PostAsync(Routes.PreLogin, request, ApiJson.Default.PreLogin, ApiJson.Default.PreLoginAnswer, cancellationToken);

    /// <summary>The account of the user whose session it is.</summary>
    public Task<ApiResult<AccountInfo>> FindUserAsync(CancellationToken cancellationToken) =>
        GetAsync(Routes.User, ApiJson.Default.AccountInfo, cancellationToken);

    /// <summary>The profile of the user whose session it is.</summary>
    public async Task<ApiResult<ProfileState>> FindProfileAsync(CancellationToken cancellationToken)
    {
        ProfileState? state = null;
        var refusal = await ExchangeAsync(
            HttpMethod.Get,
            Routes.UserProfile,
            null,
            async (answer, token) => state = new ProfileState(
                await answer.Content.ReadFromJsonAsync(CometJson.TypeOf<UserProfileConfig>(), token)
                ?? throw new JsonException("The answer is empty."),
                answer.Headers.ETag?.Tag ?? throw new JsonException("The answer has no ETag.")),
            Patience,
            cancellationToken);
        return new ApiResult<ProfileState>(state, refusal);
    }

    /// <summary>Saves the profile of the user, unless it has changed since it was read.</summary>
    public Task<ApiRefusal?> SaveProfileAsync(ProfileState state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        return ExchangeAsync(
            HttpMethod.Put, Routes.UserProfile, Body(state.Profile, CometJson.TypeOf<UserProfileConfig>()),
            static (_, _) => Task.CompletedTask, Patience, cancellationToken, ifMatch: state.Tag);
    }

    /// <summary>Changes the password of the user: the L-key and the profile with all secrets sealed anew, together or not at all.</summary>
    /// <param name="currentLKey">The present L-key.</param>
    /// <param name="newLKey">That of the new password.</param>
    /// <param name="state">The profile with its secrets sealed anew, as it was read otherwise.</param>
    /// <param name="cancellationToken">Cancels; it is then unknown whether the password was changed.</param>
    public Task<ApiRefusal?> ChangePasswordAsync(
        string currentLKey, string newLKey, ProfileState state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        var request = new ChangeLKey { CurrentLKey = currentLKey, NewLKey = newLKey, Profile = state.Profile };
        return ExchangeAsync(
            HttpMethod.Put, Routes.UserPassword, Body(request, CometJson.TypeOf<ChangeLKey>()), static (_, _) => Task.CompletedTask,
            Patience, cancellationToken, ifMatch: state.Tag);
    }

    /// <summary>A page of the templates by which the user may request vaults.</summary>
    public Task<ApiResult<Page<VaultTemplateInfo>>> ListUserVaultTemplatesAsync(
        CancellationToken cancellationToken, string? after = null) =>
        GetAsync(Routes.ToPage(Routes.UserVaultTemplates, after), ApiJson.Default.PageVaultTemplateInfo, cancellationToken);

    /// <summary>Requests a vault for the user.</summary>
    public Task<ApiResult<VaultRequested>> RequestUserVaultAsync(RequestVault request, CancellationToken cancellationToken) =>
        PostAsync(
            Routes.UserVaults, request, ApiJson.Default.RequestVault, ApiJson.Default.VaultRequested, cancellationToken);

    /// <summary>Ends the user's session of these requests.</summary>
    public Task<ApiRefusal?> SignUserOutAsync(CancellationToken cancellationToken) =>
        DeleteAsync(Routes.UserCurrentSession, cancellationToken);

    /// <summary>Makes an API token of the caller.</summary>
    public Task<ApiResult<TokenCreated>> CreateTokenAsync(CreateToken request, CancellationToken cancellationToken) =>
        PostAsync(Routes.Tokens, request, ApiJson.Default.CreateToken, ApiJson.Default.TokenCreated, cancellationToken);

    /// <summary>A page of the buckets that the caller may see.</summary>
    public Task<ApiResult<Page<BucketInfo>>> ListBucketsAsync(
        CancellationToken cancellationToken, string? after = null, int? limit = null) =>
        GetAsync(Routes.ToPage(Routes.Buckets, after, limit), ApiJson.Default.PageBucketInfo, cancellationToken);

    /// <summary>One bucket.</summary>
    public Task<ApiResult<BucketInfo>> FindBucketAsync(string bucketId, CancellationToken cancellationToken) =>
        GetAsync(Routes.ToBucket(bucketId), ApiJson.Default.BucketInfo, cancellationToken);

    /// <summary>Makes a bucket with its first key.</summary>
    public Task<ApiResult<BucketCreated>> CreateBucketAsync(CreateBucket request, CancellationToken cancellationToken) =>
        PostAsync(Routes.Buckets, request, ApiJson.Default.CreateBucket, ApiJson.Default.BucketCreated, cancellationToken);

    /// <summary>Changes a bucket.</summary>
    public Task<ApiRefusal?> UpdateBucketAsync(string bucketId, UpdateBucket request, CancellationToken cancellationToken) =>
        PatchAsync(Routes.ToBucket(bucketId), request, ApiJson.Default.UpdateBucket, cancellationToken);

    /// <summary>The keys of a bucket.</summary>
    public Task<ApiResult<Page<BucketKeyInfo>>> ListBucketKeysAsync(string bucketId, CancellationToken cancellationToken) =>
        GetAsync(Routes.ToBucketKeys(bucketId), ApiJson.Default.PageBucketKeyInfo, cancellationToken);

    /// <summary>Adds a key to a bucket.</summary>
    public Task<ApiResult<BucketKeyCreated>> AddBucketKeyAsync(
        string bucketId, CreateBucketKey request, CancellationToken cancellationToken) =>
        PostAsync(
            Routes.ToBucketKeys(bucketId), request, ApiJson.Default.CreateBucketKey, ApiJson.Default.BucketKeyCreated, cancellationToken);

    /// <summary>Revokes a key of a bucket.</summary>
    public Task<ApiRefusal?> RevokeBucketKeyAsync(string bucketId, Guid keyId, CancellationToken cancellationToken) =>
        DeleteAsync(Routes.ToBucketKey(bucketId, keyId), cancellationToken);

    /// <summary>Adds a successor of a bucket's key; only the holder of that key can do it.</summary>
    /// <param name="bucketId">The bucket.</param>
    /// <param name="key">The present key.</param>
    /// <param name="request">The hash of the new one.</param>
    /// <param name="cancellationToken">Cancels; the same request can be sent again.</param>
    public Task<ApiResult<BucketKeyInfo>> SucceedBucketKeyAsync(
        string bucketId, string key, SucceedBucketKey request, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post, Routes.ToBucketOwnKey(bucketId), Body(request, ApiJson.Default.SucceedBucketKey),
            ApiJson.Default.BucketKeyInfo, Patience, cancellationToken, Basic(bucketId, key));

    /// <summary>The files that a bucket has lost; a holder of one of its keys asks.</summary>
    public Task<ApiResult<LostFiles>> ListLostFilesAsync(string bucketId, string key, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Get, Routes.ToBucketLostFiles(bucketId), null, ApiJson.Default.LostFiles, Patience, cancellationToken,
            Basic(bucketId, key));

    /// <summary>Reports lost files of a bucket that are no longer needed; the key must be one that may delete.</summary>
    public Task<ApiRefusal?> ReportHealedFilesAsync(
        string bucketId, string key, HealedFiles request, CancellationToken cancellationToken) =>
        ExchangeAsync(
            HttpMethod.Post, Routes.ToBucketLostFiles(bucketId), Body(request, ApiJson.Default.HealedFiles),
            static (_, _) => Task.CompletedTask, Patience, cancellationToken, authorization: Basic(bucketId, key));

    /// <summary>
    /// Has the server read files of a bucket again; a holder of one of its keys asks. May take half an hour on a busy server.
    /// </summary>
    public Task<ApiResult<FilesVerified>> RereadFilesAsync(
        string bucketId, string key, RereadFiles request, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post, Routes.ToBucketReread(bucketId), Body(request, ApiJson.Default.RereadFiles), ApiJson.Default.FilesVerified,
            PatienceForReading, cancellationToken, Basic(bucketId, key));

    /// <summary>Retires a bucket's key that has a successor; only its holder can do it.</summary>
    public Task<ApiRefusal?> RetireBucketKeyAsync(
        string bucketId, string key, RetireBucketKey request, CancellationToken cancellationToken) =>
        ExchangeAsync(
            HttpMethod.Post, Routes.ToBucketOwnKeyRetirement(bucketId), Body(request, ApiJson.Default.RetireBucketKey),
            static (_, _) => Task.CompletedTask, Patience, cancellationToken, authorization: Basic(bucketId, key));

    /// <summary>Whether files of a bucket are present and intact. May take half an hour when they are to be read again.</summary>
    public Task<ApiResult<FilesVerified>> VerifyFilesAsync(string bucketId, VerifyFiles request, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post, Routes.ToBucketVerify(bucketId), Body(request, ApiJson.Default.VerifyFiles), ApiJson.Default.FilesVerified,
            PatienceForReading, cancellationToken);

    /// <summary>Starts the transfer of a bucket to another server.</summary>
    public Task<ApiResult<TaskInfo>> StartTransferAsync(string bucketId, StartTransfer request, CancellationToken cancellationToken) =>
        PostAsync(Routes.ToBucketTransfer(bucketId), request, ApiJson.Default.StartTransfer, ApiJson.Default.TaskInfo, cancellationToken);

    /// <summary>The volumes.</summary>
    public Task<ApiResult<Page<VolumeInfo>>> ListVolumesAsync(CancellationToken cancellationToken) =>
        GetAsync(Routes.Volumes, ApiJson.Default.PageVolumeInfo, cancellationToken);

    /// <summary>Adds a volume.</summary>
    public Task<ApiResult<VolumeInfo>> AddVolumeAsync(AddVolume request, CancellationToken cancellationToken) =>
        PostAsync(Routes.Volumes, request, ApiJson.Default.AddVolume, ApiJson.Default.VolumeInfo, cancellationToken);

    /// <summary>Changes a volume.</summary>
    public Task<ApiRefusal?> UpdateVolumeAsync(Guid volumeId, UpdateVolume request, CancellationToken cancellationToken) =>
        PatchAsync(Routes.ToVolume(volumeId), request, ApiJson.Default.UpdateVolume, cancellationToken);

    /// <summary>Removes an empty volume.</summary>
    public Task<ApiRefusal?> RemoveVolumeAsync(Guid volumeId, CancellationToken cancellationToken) =>
        DeleteAsync(Routes.ToVolume(volumeId), cancellationToken);

    /// <summary>Plans to empty a volume, or starts it.</summary>
    public Task<ApiResult<MovePlan>> DrainVolumeAsync(Guid volumeId, MoveRequest request, CancellationToken cancellationToken) =>
        PostAsync(Routes.ToVolumeDrain(volumeId), request, ApiJson.Default.MoveRequest, ApiJson.Default.MovePlan, cancellationToken);

    /// <summary>Plans to fill all volumes alike, or starts it.</summary>
    public Task<ApiResult<MovePlan>> RebalanceVolumesAsync(MoveRequest request, CancellationToken cancellationToken) =>
        PostAsync(Routes.VolumesRebalance, request, ApiJson.Default.MoveRequest, ApiJson.Default.MovePlan, cancellationToken);

    /// <summary>Starts the scrub of a volume.</summary>
    public Task<ApiResult<TaskInfo>> ScrubVolumeAsync(Guid volumeId, StartScrub request, CancellationToken cancellationToken) =>
        PostAsync(Routes.ToVolumeScrub(volumeId), request, ApiJson.Default.StartScrub, ApiJson.Default.TaskInfo, cancellationToken);

    /// <summary>One task.</summary>
    public Task<ApiResult<TaskInfo>> FindTaskAsync(Guid taskId, CancellationToken cancellationToken) =>
        GetAsync(Routes.ToTask(taskId), ApiJson.Default.TaskInfo, cancellationToken);

    /// <summary>Changes the limit of a task.</summary>
    public Task<ApiRefusal?> UpdateTaskAsync(Guid taskId, UpdateTask request, CancellationToken cancellationToken) =>
        PatchAsync(Routes.ToTask(taskId), request, ApiJson.Default.UpdateTask, cancellationToken);

    /// <summary>Ends a task permanently.</summary>
    public Task<ApiResult<TaskInfo>> CancelTaskAsync(Guid taskId, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, Routes.ToTaskCancel(taskId), null, ApiJson.Default.TaskInfo, Patience, cancellationToken);

    private static AuthenticationHeaderValue Basic(string username, string secret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{username}:{secret}")));

    private static JsonContent Body<T>(T body, JsonTypeInfo<T> type) => JsonContent.Create(body, type);

    private Task<ApiResult<T>> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => SendAsync(HttpMethod.Get, path, null, type, Patience, cancellationToken);

    private Task<ApiResult<TResult>> PostAsync<T, TResult>(
        string path, T body, JsonTypeInfo<T> bodyType, JsonTypeInfo<TResult> resultType, CancellationToken cancellationToken)
        where TResult : class => SendAsync(HttpMethod.Post, path, Body(body, bodyType), resultType, Patience, cancellationToken);

    private Task<ApiRefusal?> PatchAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        ExchangeAsync(HttpMethod.Patch, path, Body(body, type), static (_, _) => Task.CompletedTask, Patience, cancellationToken);

    private Task<ApiRefusal?> DeleteAsync(string path, CancellationToken cancellationToken) =>
        ExchangeAsync(HttpMethod.Delete, path, null, static (_, _) => Task.CompletedTask, Patience, cancellationToken);

    private async Task<ApiResult<T>> SendAsync<T>(
        HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, TimeSpan patience, CancellationToken cancellationToken,
        AuthenticationHeaderValue? authorization = null)
        where T : class
    {
        T? value = null;
        var refusal = await ExchangeAsync(
            method,
            path,
            body,
            async (answer, token) =>
                value = await answer.Content.ReadFromJsonAsync(type, token) ?? throw new JsonException("The answer is empty."),
            patience,
            cancellationToken,
            authorization: authorization);
        return new ApiResult<T>(value, refusal);
    }

    private async Task<ApiRefusal?> ExchangeAsync(
        HttpMethod method, string path, HttpContent? body, Func<HttpResponseMessage, CancellationToken, Task> read, TimeSpan patience,
        CancellationToken cancellationToken, string? ifMatch = null, AuthenticationHeaderValue? authorization = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(server, path.TrimStart('/')))
        {
            Version = http.DefaultRequestVersion,
            VersionPolicy = http.DefaultVersionPolicy,
            Content = body,
        };
        request.Headers.Authorization =
            authorization ?? (Bearer is null ? null : new AuthenticationHeaderValue("Bearer", Bearer));
        if (ifMatch is not null)
        {
            request.Headers.IfMatch.Add(new EntityTagHeaderValue(ifMatch));
        }

        using var expired = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, cancellationToken);
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!answer.IsSuccessStatusCode)
            {
                return await RefusalAsync(answer, either.Token);
            }

            await read(answer, either.Token);
            return null;
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"{Host} stopped responding.", failure);
        }
        catch (IOException failure)
        {
            throw new HttpRequestException($"The connection to {Host} broke: {failure.Message}", failure);
        }
        catch (Exception failure) when (failure is JsonException or NotSupportedException)
        {
            throw new HttpRequestException($"{Host} returned something that is not an answer of a Halley server.", failure);
        }
    }

    private static async Task<ApiRefusal> RefusalAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        ApiProblem? problem = null;
        try
        {
            await answer.Content.LoadIntoBufferAsync(LongestProblem, cancellationToken);
            problem = await answer.Content.ReadFromJsonAsync(ApiJson.Default.ApiProblem, cancellationToken);
        }
        catch (Exception failure) when (failure is JsonException or HttpRequestException or NotSupportedException)
        {
            // Not our ProblemDetails; only the status is known.
        }

        return new ApiRefusal((int)answer.StatusCode, problem?.Code ?? "", problem?.Detail ?? "");
    }
}
