namespace Halley.Protocol;

/// <summary>
/// Every path of the server, in one place. Endpoints are mapped to the templates; <c>ToX</c> fills the template <c>X</c> for a request or a
/// <c>Location</c> header. Nothing else builds a URL.
/// </summary>
public static partial class Routes
{
    /// <summary>Liveness: 200 while the process runs. Needs no credential.</summary>
    public const string Health = "/healthz";

    /// <summary>Readiness: 200 when the database responds and every volume is online, otherwise 503. Needs no credential.</summary>
    public const string Ready = "/readyz";

    /// <summary>Packages of the client, the list of them, and its signature, by file name. Needs no credential.</summary>
    public const string Download = "/downloads/{name}";

    /// <summary>Path of one of them.</summary>
    public static string ToDownload(string name) => $"/downloads/{Uri.EscapeDataString(name)}";

    /// <summary>Shell script that installs the client from this server. Needs no credential.</summary>
    public const string InstallScript = "/downloads/install.sh";

    /// <summary>Numbers for Prometheus.</summary>
    public const string Metrics = "/metrics";

    /// <summary>Page on which the first administrator is made; takes the set-up token as <c>?token=</c>.</summary>
    public const string Setup = "/setup";

    /// <summary>Path of that page with its token.</summary>
    public static string ToSetup(string token) => $"{Setup}?token={Uri.EscapeDataString(token)}";

    /// <summary>
    /// Root of the buckets' contents (restic REST protocol): <c>/vault/{bucket}/…</c>, HTTP Basic with bucket id and pre-shared key.
    /// </summary>
    public const string Vault = "/vault";

    /// <summary>Everything below it.</summary>
    public const string VaultPath = "/vault/{**path}";

    /// <summary>Path of a bucket's contents, with a slash at its end.</summary>
    public static string ToVault(string bucketId) => $"{Vault}/{Uri.EscapeDataString(bucketId)}/";

    /// <summary>Root of Halley's own API; every error below it is a ProblemDetails.</summary>
    public const string Api = "/api/v2";

    /// <summary>Path of an area of it, such as <c>accounts</c>.</summary>
    public static string ToArea(string area) => $"{Api}/{Uri.EscapeDataString(area)}";

    /// <summary>Path of one page of a list.</summary>
    /// <param name="list">The path of the list.</param>
    /// <param name="after">What the page before gave as <see cref="Page{T}.Next"/>; null for the first.</param>
    /// <param name="limit">Most entries; null for the server's default.</param>
    public static string ToPage(string list, string? after = null, int? limit = null) => (after, limit) switch
    {
        (null, null) => list,
        (null, _) => $"{list}?limit={limit}",
        (_, null) => $"{list}?after={Uri.EscapeDataString(after)}",
        _ => $"{list}?after={Uri.EscapeDataString(after)}&limit={limit}",
    };

    /// <summary>Root of the Comet-compatible API; every response below it is HTTP 200.</summary>
    public const string CometApi = "/api/v1";

    /// <summary>Public information about the server before sign-in, as the vendor's clients request it. Needs no credential.</summary>
    public const string BrandingProperties = "/gen/branding.props";

    /// <summary>The logo. Needs no credential.</summary>
    public const string BrandingLogo = "/gen/logo.img";

    /// <summary>Sessions: POST <see cref="StartSession"/> starts one, GET lists the caller's own.</summary>
    public const string Sessions = "/api/v2/sessions";

    /// <summary>The session of the caller: DELETE ends it.</summary>
    public const string CurrentSession = "/api/v2/sessions/current";

    /// <summary>A session of the caller: DELETE ends it.</summary>
    public const string Session = "/api/v2/sessions/{sessionId}";

    /// <summary>API tokens of the caller: GET lists, POST <see cref="CreateToken"/> makes one.</summary>
    public const string Tokens = "/api/v2/tokens";

    /// <summary>One API token: DELETE revokes it at once.</summary>
    public const string Token = "/api/v2/tokens/{tokenId}";

    /// <summary>Path of one API token.</summary>
    public static string ToToken(Guid tokenId) => Fill(Token, tokenId.ToString());

    /// <summary>The caller's own password: PUT <see cref="ChangePassword"/>.</summary>
    public const string OwnPassword = "/api/v2/account/password";

    /// <summary>The caller's authenticator app: POST <see cref="ConfirmWithPassword"/> makes a new secret.</summary>
    public const string OwnTotp = "/api/v2/account/totp";

    /// <summary>
    /// Proof that the app works: POST <see cref="ConfirmWithCode"/> turns it on, returns <see cref="RecoveryCodesCreated"/>.
    /// </summary>
    public const string OwnTotpProof = "/api/v2/account/totp/proof";

    /// <summary>The caller's recovery codes: POST <see cref="ConfirmWithPassword"/> makes new ones.</summary>
    public const string OwnRecoveryCodes = "/api/v2/account/recovery-codes";

    /// <summary>All second factors of the caller: POST <see cref="ConfirmWithPassword"/> removes them.</summary>
    public const string OwnSecondFactorReset = "/api/v2/account/second-factors/reset";

    /// <summary>Administrators: GET lists, POST <see cref="CreateAdministrator"/> makes one.</summary>
    public const string Administrators = "/api/v2/administrators";

    /// <summary>One administrator: GET, PATCH <see cref="UpdateAdministrator"/>, DELETE.</summary>
    public const string Administrator = "/api/v2/administrators/{administratorId}";

    /// <summary>Path of one administrator.</summary>
    public static string ToAdministrator(Guid administratorId) => Fill(Administrator, administratorId.ToString());

    /// <summary>The second factors of an administrator that lost them: DELETE removes them.</summary>
    public const string AdministratorSecondFactors = "/api/v2/administrators/{administratorId}/second-factors";

    /// <summary>Buckets: GET lists, POST <see cref="CreateBucket"/> adds one.</summary>
    public const string Buckets = "/api/v2/buckets";

    /// <summary>One bucket: GET, PATCH <see cref="UpdateBucket"/>, DELETE.</summary>
    public const string Bucket = "/api/v2/buckets/{bucketId}";

    /// <summary>Path of one bucket.</summary>
    public static string ToBucket(string bucketId) => Fill(Bucket, bucketId);

    /// <summary>Keys of a bucket: GET lists, POST <see cref="CreateBucketKey"/> adds one.</summary>
    public const string BucketKeys = "/api/v2/buckets/{bucketId}/keys";

    /// <summary>Path of a bucket's keys.</summary>
    public static string ToBucketKeys(string bucketId) => Fill(BucketKeys, bucketId);

    /// <summary>One key of a bucket: DELETE revokes it at once.</summary>
    public const string BucketKey = "/api/v2/buckets/{bucketId}/keys/{keyId}";

    /// <summary>Path of one key of a bucket.</summary>
    public static string ToBucketKey(string bucketId, Guid keyId) => Fill(BucketKey, bucketId, keyId.ToString());

    /// <summary>
    /// The key of the bucket with which the request itself is authenticated (HTTP Basic): POST <see cref="SucceedBucketKey"/> adds a key
    /// with the same rights.
    /// </summary>
    public const string BucketOwnKey = "/api/v2/buckets/{bucketId}/own-key";

    /// <summary>Path of the key with which a request is authenticated.</summary>
    public static string ToBucketOwnKey(string bucketId) => Fill(BucketOwnKey, bucketId);

    /// <summary>End of that key, once it has a successor: POST <see cref="RetireBucketKey"/>.</summary>
    public const string BucketOwnKeyRetirement = "/api/v2/buckets/{bucketId}/own-key/retirement";

    /// <summary>Path that retires the key with which a request is authenticated.</summary>
    public static string ToBucketOwnKeyRetirement(string bucketId) => Fill(BucketOwnKeyRetirement, bucketId);

    /// <summary>
    /// Files that the bucket has lost: GET lists them, POST <see cref="HealedFiles"/> reports those that are no longer needed. Both are
    /// authenticated with a key of the bucket (HTTP Basic).
    /// </summary>
    public const string BucketLostFiles = "/api/v2/buckets/{bucketId}/lost-files";

    /// <summary>Path of the files that a bucket has lost.</summary>
    public static string ToBucketLostFiles(string bucketId) => Fill(BucketLostFiles, bucketId);

    /// <summary>
    /// Files of the bucket that are read from their disks again: POST <see cref="RereadFiles"/>, authenticated with a key of the bucket
    /// (HTTP Basic).
    /// </summary>
    public const string BucketReread = "/api/v2/buckets/{bucketId}/reread";

    /// <summary>Path on which the holder of a key has files read again.</summary>
    public static string ToBucketReread(string bucketId) => Fill(BucketReread, bucketId);

    /// <summary>Deleted files of a bucket that are held: GET lists.</summary>
    public const string BucketTrash = "/api/v2/buckets/{bucketId}/trash";

    /// <summary>POST <see cref="RestoreTrash"/> restores deleted files.</summary>
    public const string BucketTrashRestore = "/api/v2/buckets/{bucketId}/trash/restore";

    /// <summary>POST <see cref="RestoreBucket"/> brings back a bucket that was deleted and is held.</summary>
    public const string BucketRestore = "/api/v2/buckets/{bucketId}/restore";

    /// <summary>Buckets that were deleted as a whole and are held: GET lists.</summary>
    public const string DeletedBuckets = "/api/v2/deleted-buckets";

    /// <summary>Moves a bucket to another server while clients go on: POST <see cref="StartTransfer"/> starts a task.</summary>
    public const string BucketTransfer = "/api/v2/buckets/{bucketId}/transfer";

    /// <summary>Path that starts the transfer of a bucket.</summary>
    public static string ToBucketTransfer(string bucketId) => Fill(BucketTransfer, bucketId);

    /// <summary>
    /// POST lets a bucket's files be deleted again after the brake has frozen that, and lets a bucket that has moved take files again.
    /// </summary>
    public const string BucketUnfreeze = "/api/v2/buckets/{bucketId}/unfreeze";

    /// <summary>GET lists a bucket's size day by day.</summary>
    public const string BucketHistory = "/api/v2/buckets/{bucketId}/history";

    /// <summary>Bandwidth limits of buckets and client networks: GET lists, POST <see cref="SetBandwidthLimit"/> adds one.</summary>
    public const string BandwidthLimits = "/api/v2/bandwidth-limits";

    /// <summary>One bandwidth limit: GET, PUT <see cref="SetBandwidthLimit"/>, DELETE.</summary>
    public const string BandwidthLimit = "/api/v2/bandwidth-limits/{limitId}";

    /// <summary>Path of one bandwidth limit.</summary>
    public static string ToBandwidthLimit(Guid limitId) => Fill(BandwidthLimit, limitId.ToString());

    /// <summary>Organizations: GET lists, POST <see cref="CreateOrganization"/> adds one. For administrators of the top level.</summary>
    public const string Organizations = "/api/v2/organizations";

    /// <summary>
    /// One organization: GET, PATCH <see cref="UpdateOrganization"/>, DELETE (with its users and administrators; buckets stay).
    /// </summary>
    public const string Organization = "/api/v2/organizations/{organizationId}";

    /// <summary>Path of one organization.</summary>
    public static string ToOrganization(string organizationId) => Fill(Organization, organizationId);

    /// <summary>Policies: GET lists, POST <see cref="CreatePolicy"/> adds one.</summary>
    public const string Policies = "/api/v2/policies";

    /// <summary>One policy: GET, PUT <see cref="ReplacePolicy"/> (If-Match), DELETE.</summary>
    public const string Policy = "/api/v2/policies/{policyId}";

    /// <summary>Path of one policy.</summary>
    public static string ToPolicy(string policyId) => Fill(Policy, policyId);

    /// <summary>Groups of accounts: GET lists, POST <see cref="CreateUserGroup"/> adds one.</summary>
    public const string UserGroups = "/api/v2/user-groups";

    /// <summary>One group: GET, PATCH <see cref="UpdateUserGroup"/>, DELETE (its accounts stay).</summary>
    public const string UserGroup = "/api/v2/user-groups/{groupId}";

    /// <summary>Path of one group.</summary>
    public static string ToUserGroup(string groupId) => Fill(UserGroup, groupId);

    /// <summary>News for users: GET lists, POST <see cref="CreateNews"/> adds an item.</summary>
    public const string News = "/api/v2/news";

    /// <summary>One news item: DELETE.</summary>
    public const string NewsItem = "/api/v2/news/{newsId}";

    /// <summary>Path of one news item.</summary>
    public static string ToNewsItem(string newsId) => Fill(NewsItem, newsId);

    /// <summary>Templates by which vaults are made on request: GET lists (<c>?organizationId=</c> for another organization's).</summary>
    public const string VaultTemplates = "/api/v2/vault-templates";

    /// <summary>Vaults of an account: POST <see cref="RequestVault"/> makes one by a template.</summary>
    public const string AccountVaults = "/api/v2/accounts/{username}/vaults";

    /// <summary>Path of a vault that was made for an account.</summary>
    public static string ToAccountVault(string username, string vaultId) =>
        $"{Fill(AccountVaults, username)}/{Uri.EscapeDataString(vaultId)}";

    /// <summary>What needs the attention of an administrator: GET lists, the most urgent first. Empty when nothing does.</summary>
    public const string Attention = "/api/v2/attention";

    /// <summary>Volumes: GET lists, POST <see cref="AddVolume"/> adds one.</summary>
    public const string Volumes = "/api/v2/volumes";

    /// <summary>One volume: GET, PATCH <see cref="UpdateVolume"/>, DELETE (refused while it holds files).</summary>
    public const string Volume = "/api/v2/volumes/{volumeId}";

    /// <summary>Path of one volume.</summary>
    public static string ToVolume(Guid volumeId) => Fill(Volume, volumeId.ToString());

    /// <summary>Empties a volume: POST <see cref="MoveRequest"/> plans it, and with <c>apply</c> starts it.</summary>
    public const string VolumeDrain = "/api/v2/volumes/{volumeId}/drain";

    /// <summary>Path that empties a volume.</summary>
    public static string ToVolumeDrain(Guid volumeId) => Fill(VolumeDrain, volumeId.ToString());

    /// <summary>Fills all volumes alike: POST <see cref="MoveRequest"/> plans it, and with <c>apply</c> starts it.</summary>
    public const string VolumesRebalance = "/api/v2/volumes/rebalance";

    /// <summary>Reads every file of a volume again: POST <see cref="StartScrub"/>.</summary>
    public const string VolumeScrub = "/api/v2/volumes/{volumeId}/scrub";

    /// <summary>Path that scrubs a volume.</summary>
    public static string ToVolumeScrub(Guid volumeId) => Fill(VolumeScrub, volumeId.ToString());

    /// <summary>The findings of scrubs: GET lists, the latest first; <c>?state=</c>, <c>?volumeId=</c>, <c>?bucketId=</c>.</summary>
    public const string ScrubFindings = "/api/v2/scrub-findings";

    /// <summary>POST dismisses a finding that needs no action.</summary>
    public const string ScrubFindingDismiss = "/api/v2/scrub-findings/{findingId}/dismiss";

    /// <summary>Whether files of a bucket exist and are intact: POST <see cref="VerifyFiles"/>.</summary>
    public const string BucketVerify = "/api/v2/buckets/{bucketId}/verify";

    /// <summary>Path that verifies files of a bucket.</summary>
    public static string ToBucketVerify(string bucketId) => Fill(BucketVerify, bucketId);

    /// <summary>Long work of the server: GET lists, the latest first; <c>?kind=</c>, <c>?unfinished=true</c>.</summary>
    public const string Tasks = "/api/v2/tasks";

    /// <summary>One task: GET, PATCH <see cref="UpdateTask"/>.</summary>
    public const string Task = "/api/v2/tasks/{taskId}";

    /// <summary>Path of one task.</summary>
    public static string ToTask(Guid taskId) => Fill(Task, taskId.ToString());

    /// <summary>The log of a task: GET.</summary>
    public const string TaskLog = "/api/v2/tasks/{taskId}/log";

    /// <summary>POST stops a task until it is resumed.</summary>
    public const string TaskPause = "/api/v2/tasks/{taskId}/pause";

    /// <summary>POST lets a task go on that is paused or has failed.</summary>
    public const string TaskResume = "/api/v2/tasks/{taskId}/resume";

    /// <summary>POST ends a task permanently.</summary>
    public const string TaskCancel = "/api/v2/tasks/{taskId}/cancel";

    /// <summary>Path that ends a task.</summary>
    public static string ToTaskCancel(Guid taskId) => Fill(TaskCancel, taskId.ToString());

    /// <summary>Jobs of all accounts the caller may see: GET lists, the latest first.</summary>
    public const string Jobs = "/api/v2/jobs";

    /// <summary>One job: GET returns its record.</summary>
    public const string Job = "/api/v2/jobs/{jobId}";

    /// <summary>The log of a job: GET returns its entries.</summary>
    public const string JobLog = "/api/v2/jobs/{jobId}/log";

    /// <summary>POST requests that the device stop the job.</summary>
    public const string CancelJob = "/api/v2/jobs/{jobId}/cancel";

    /// <summary>POST abandons a running job that no longer reports.</summary>
    public const string AbandonJob = "/api/v2/jobs/{jobId}/abandon";

    /// <summary>Jobs of the account that calls: POST a record to start one.</summary>
    public const string OwnJobs = "/api/v2/user/jobs";

    /// <summary>A job of the account that calls: PUT the whole record whenever something changes.</summary>
    public const string OwnJob = "/api/v2/user/jobs/{jobId}";

    /// <summary>The log of a job of the account that calls: POST <see cref="AppendJobLog"/>.</summary>
    public const string OwnJobLog = "/api/v2/user/jobs/{jobId}/log";

    /// <summary>Events, oldest first: GET with <c>?after=</c> the sequence number of the last event seen.</summary>
    public const string Events = "/api/v2/events";

    /// <summary>The same as server-sent events, as they happen.</summary>
    public const string EventStream = "/api/v2/events/stream";

    /// <summary>The vendor's event stream: a websocket that begins with five text frames of credentials.</summary>
    public const string CometEventStream = "/api/v1/events/stream";

    private static string Fill(string template, params ReadOnlySpan<string> values)
    {
        foreach (var value in values)
        {
            var (start, end) = (template.IndexOf('{', StringComparison.Ordinal), template.IndexOf('}', StringComparison.Ordinal));
            template = $"{template[..start]}{Uri.EscapeDataString(value)}{template[(end + 1)..]}";
        }

        return template;
    }
}
