namespace Halley.Protocol;

/// <summary>Every path the server answers, in one place. Own clients and the server's endpoints use these; nothing else builds a URL.</summary>
public static partial class Routes
{
    /// <summary>Liveness: 200 while the process runs. Needs no credential.</summary>
    public const string Health = "/healthz";

    /// <summary>Readiness: 200 when the database answers and every volume is online, otherwise 503. Needs no credential.</summary>
    public const string Ready = "/readyz";

    /// <summary>Page on which the first administrator is made; takes the set-up token as <c>?token=</c>.</summary>
    public const string Setup = "/setup";

    /// <summary>Root of the buckets' contents (restic REST protocol): <c>/vault/{bucket}/…</c>, HTTP Basic with bucket id and pre-shared key.</summary>
    public const string Vault = "/vault";

    /// <summary>Root of Halley's own API; every error below it is a ProblemDetails.</summary>
    public const string Api = "/api/v2";

    /// <summary>Root of the Comet-compatible API; every answer below it is HTTP 200.</summary>
    public const string CometApi = "/api/v1";

    /// <summary>What anybody may know of the server before he signs in, as the vendor's clients ask for it. Needs no credential.</summary>
    public const string BrandingProperties = "/gen/branding.props";

    /// <summary>The logo. Needs no credential.</summary>
    public const string BrandingLogo = "/gen/logo.img";

    /// <summary>Sessions: POST <see cref="StartSession"/> starts one, GET lists the caller's own.</summary>
    public const string Sessions = "/api/v2/sessions";

    /// <summary>The session of the caller: DELETE ends it.</summary>
    public const string CurrentSession = "/api/v2/sessions/current";

    /// <summary>A session of the caller: DELETE ends it.</summary>
    public const string Session = "/api/v2/sessions/{sessionId:guid}";

    /// <summary>API tokens of the caller: GET lists, POST <see cref="CreateToken"/> makes one.</summary>
    public const string Tokens = "/api/v2/tokens";

    /// <summary>One API token: DELETE revokes it at once.</summary>
    public const string Token = "/api/v2/tokens/{tokenId:guid}";

    /// <summary>The caller's own password: PUT <see cref="ChangePassword"/>.</summary>
    public const string OwnPassword = "/api/v2/account/password";

    /// <summary>The caller's authenticator app: POST <see cref="ConfirmWithPassword"/> makes a new secret.</summary>
    public const string OwnTotp = "/api/v2/account/totp";

    /// <summary>Proof that the app works: POST <see cref="ConfirmWithCode"/> turns it on, answers <see cref="RecoveryCodesCreated"/>.</summary>
    public const string OwnTotpProof = "/api/v2/account/totp/proof";

    /// <summary>The caller's recovery codes: POST <see cref="ConfirmWithPassword"/> makes new ones.</summary>
    public const string OwnRecoveryCodes = "/api/v2/account/recovery-codes";

    /// <summary>All second factors of the caller: POST <see cref="ConfirmWithPassword"/> removes them.</summary>
    public const string OwnSecondFactorReset = "/api/v2/account/second-factors/reset";

    /// <summary>Administrators: GET lists, POST <see cref="CreateAdministrator"/> makes one.</summary>
    public const string Administrators = "/api/v2/administrators";

    /// <summary>One administrator: GET, PATCH <see cref="UpdateAdministrator"/>, DELETE.</summary>
    public const string Administrator = "/api/v2/administrators/{administratorId:guid}";

    /// <summary>The second factors of an administrator who lost them: DELETE removes them.</summary>
    public const string AdministratorSecondFactors = "/api/v2/administrators/{administratorId:guid}/second-factors";

    /// <summary>Buckets: GET lists, POST <see cref="CreateBucket"/> adds one.</summary>
    public const string Buckets = "/api/v2/buckets";

    /// <summary>One bucket: GET, PATCH <see cref="UpdateBucket"/>, DELETE.</summary>
    public const string Bucket = "/api/v2/buckets/{bucketId}";

    /// <summary>Keys of a bucket: GET lists, POST <see cref="CreateBucketKey"/> adds one.</summary>
    public const string BucketKeys = "/api/v2/buckets/{bucketId}/keys";

    /// <summary>One key of a bucket: DELETE revokes it at once.</summary>
    public const string BucketKey = "/api/v2/buckets/{bucketId}/keys/{keyId:guid}";

    /// <summary>Deleted files of a bucket that are held: GET lists.</summary>
    public const string BucketTrash = "/api/v2/buckets/{bucketId}/trash";

    /// <summary>POST <see cref="RestoreTrash"/> gives deleted files back.</summary>
    public const string BucketTrashRestore = "/api/v2/buckets/{bucketId}/trash/restore";

    /// <summary>POST <see cref="RestoreBucket"/> brings back a bucket that was deleted and is held.</summary>
    public const string BucketRestore = "/api/v2/buckets/{bucketId}/restore";

    /// <summary>Buckets that were deleted as a whole and are held: GET lists.</summary>
    public const string DeletedBuckets = "/api/v2/deleted-buckets";

    /// <summary>Moves a bucket to another server while clients go on: POST <see cref="StartTransfer"/> starts a task.</summary>
    public const string BucketTransfer = "/api/v2/buckets/{bucketId}/transfer";

    /// <summary>POST lets a bucket's files be deleted again after the brake has frozen that, and lets a bucket that has moved take files again.</summary>
    public const string BucketUnfreeze = "/api/v2/buckets/{bucketId}/unfreeze";

    /// <summary>GET lists a bucket's size day by day.</summary>
    public const string BucketHistoryWork = "/api/v2/buckets/{bucketId}/history";

    /// <summary>Bandwidth limits of buckets and client networks: GET lists, POST <see cref="SetBandwidthLimit"/> adds one.</summary>
    public const string BandwidthLimits = "/api/v2/bandwidth-limits";

    /// <summary>One bandwidth limit: GET, PUT <see cref="SetBandwidthLimit"/>, DELETE.</summary>
    public const string BandwidthLimit = "/api/v2/bandwidth-limits/{limitId:guid}";

    /// <summary>Organizations: GET lists, POST <see cref="CreateOrganization"/> adds one. For administrators of the top level.</summary>
    public const string Organizations = "/api/v2/organizations";

    /// <summary>One organization: GET, PATCH <see cref="UpdateOrganization"/>, DELETE (with its users and administrators; buckets stay).</summary>
    public const string Organization = "/api/v2/organizations/{organizationId}";

    /// <summary>Policies: GET lists, POST <see cref="CreatePolicy"/> adds one.</summary>
    public const string Policies = "/api/v2/policies";

    /// <summary>One policy: GET, PUT <see cref="ReplacePolicy"/> (If-Match), DELETE.</summary>
    public const string Policy = "/api/v2/policies/{policyId}";

    /// <summary>Groups of accounts: GET lists, POST <see cref="CreateUserGroup"/> adds one.</summary>
    public const string UserGroups = "/api/v2/user-groups";

    /// <summary>One group: GET, PATCH <see cref="UpdateUserGroup"/>, DELETE (its accounts stay).</summary>
    public const string UserGroup = "/api/v2/user-groups/{groupId}";

    /// <summary>News for users: GET lists, POST <see cref="CreateNews"/> adds an item.</summary>
    public const string News = "/api/v2/news";

    /// <summary>One news item: DELETE.</summary>
    public const string NewsItem = "/api/v2/news/{newsId}";

    /// <summary>Templates by which vaults are made on request: GET lists (<c>?organizationId=</c> for another organization's).</summary>
    public const string VaultTemplates = "/api/v2/vault-templates";

    /// <summary>Vaults of an account: POST <see cref="RequestVault"/> makes one by a template.</summary>
    public const string AccountVaults = "/api/v2/accounts/{username}/vaults";

    /// <summary>Volumes: GET lists, POST <see cref="AddVolume"/> adds one.</summary>
    public const string Volumes = "/api/v2/volumes";

    /// <summary>One volume: GET, PATCH <see cref="UpdateVolume"/>, DELETE (refused while it holds files).</summary>
    public const string Volume = "/api/v2/volumes/{volumeId:guid}";

    /// <summary>Empties a volume: POST <see cref="MoveRequest"/> plans it, and with <c>apply</c> starts it.</summary>
    public const string VolumeDrain = "/api/v2/volumes/{volumeId:guid}/drain";

    /// <summary>Fills all volumes alike: POST <see cref="MoveRequest"/> plans it, and with <c>apply</c> starts it.</summary>
    public const string VolumesRebalance = "/api/v2/volumes/rebalance";

    /// <summary>Reads every file of a volume again: POST <see cref="StartScrub"/>.</summary>
    public const string VolumeScrub = "/api/v2/volumes/{volumeId:guid}/scrub";

    /// <summary>What scrubs found: GET lists, the latest first; <c>?state=</c>, <c>?volumeId=</c>, <c>?bucketId=</c>.</summary>
    public const string ScrubFindings = "/api/v2/scrub-findings";

    /// <summary>POST says that nothing is to be done about a finding.</summary>
    public const string ScrubFindingDismiss = "/api/v2/scrub-findings/{findingId:guid}/dismiss";

    /// <summary>Whether files of a bucket are there, and right: POST <see cref="VerifyFiles"/>.</summary>
    public const string BucketVerify = "/api/v2/buckets/{bucketId}/verify";

    /// <summary>Long work of the server: GET lists, the latest first; <c>?kind=</c>, <c>?unfinished=true</c>.</summary>
    public const string Tasks = "/api/v2/tasks";

    /// <summary>One task: GET, PATCH <see cref="UpdateTask"/>.</summary>
    public const string Task = "/api/v2/tasks/{taskId:guid}";

    /// <summary>The log of a task: GET.</summary>
    public const string TaskLog = "/api/v2/tasks/{taskId:guid}/log";

    /// <summary>POST stops a task until it is resumed.</summary>
    public const string TaskPause = "/api/v2/tasks/{taskId:guid}/pause";

    /// <summary>POST lets a task go on that is paused or has failed.</summary>
    public const string TaskResume = "/api/v2/tasks/{taskId:guid}/resume";

    /// <summary>POST ends a task for good.</summary>
    public const string TaskCancel = "/api/v2/tasks/{taskId:guid}/cancel";

    /// <summary>Jobs of all accounts the caller may see: GET lists, the latest first.</summary>
    public const string Jobs = "/api/v2/jobs";

    /// <summary>One job: GET answers its record.</summary>
    public const string Job = "/api/v2/jobs/{jobId:guid}";

    /// <summary>The log of a job: GET answers its entries.</summary>
    public const string JobLog = "/api/v2/jobs/{jobId:guid}/log";

    /// <summary>POST asks the device to stop the job.</summary>
    public const string CancelJob = "/api/v2/jobs/{jobId:guid}/cancel";

    /// <summary>POST gives up a running job of which nothing is heard any more.</summary>
    public const string AbandonJob = "/api/v2/jobs/{jobId:guid}/abandon";

    /// <summary>Jobs of the account that calls: POST a record to start one.</summary>
    public const string OwnJobs = "/api/v2/user/jobs";

    /// <summary>A job of the account that calls: PUT the whole record whenever something changes.</summary>
    public const string OwnJob = "/api/v2/user/jobs/{jobId:guid}";

    /// <summary>The log of a job of the account that calls: POST <see cref="AppendJobLog"/>.</summary>
    public const string OwnJobLog = "/api/v2/user/jobs/{jobId:guid}/log";

    /// <summary>What happened, oldest first: GET with <c>?after=</c> the sequence number of the last event seen.</summary>
    public const string Events = "/api/v2/events";

    /// <summary>The same as server-sent events, as they happen.</summary>
    public const string EventStream = "/api/v2/events/stream";

    /// <summary>The vendor's event stream: a websocket that begins with five text frames of credentials.</summary>
    public const string CometEventStream = "/api/v1/events/stream";

    /// <summary>How keys are derived: POST <see cref="Protocol.PreLogin"/>, answers <see cref="PreLoginAnswer"/>. Needs no credential.</summary>
    public const string PreLogin = "/api/v2/accounts/pre-login";

    /// <summary>Sign-in of a device by an install token: POST <see cref="RedeemInstallToken"/>, answers <see cref="SessionStarted"/>.</summary>
    public const string InstallTokenSessions = "/api/v2/sessions/install-token";

    /// <summary>The account of the user who calls: GET.</summary>
    public const string User = "/api/v2/user";

    /// <summary>His profile: GET, PUT with If-Match.</summary>
    public const string UserProfile = "/api/v2/user/profile";

    /// <summary>His password: PUT <see cref="ChangeLKey"/> with If-Match.</summary>
    public const string UserPassword = "/api/v2/user/password";

    /// <summary>His sessions: GET.</summary>
    public const string UserSessions = "/api/v2/user/sessions";

    /// <summary>One of them: DELETE ends it.</summary>
    public const string UserSession = "/api/v2/user/sessions/{sessionId:guid}";

    /// <summary>The one of the request: DELETE ends it.</summary>
    public const string UserCurrentSession = "/api/v2/user/sessions/current";

    /// <summary>His devices: GET lists, POST <see cref="RegisterDevice"/>.</summary>
    public const string UserDevices = "/api/v2/user/devices";

    /// <summary>One of them: PATCH <see cref="RenameDevice"/>, DELETE revokes it and ends its sessions.</summary>
    public const string UserDevice = "/api/v2/user/devices/{deviceId}";

    /// <summary>His authenticator app: POST makes a new secret.</summary>
    public const string UserTotp = "/api/v2/user/totp";

    /// <summary>Proof that the app works: POST <see cref="ConfirmWithCode"/> turns it on, answers <see cref="RecoveryCodesCreated"/>.</summary>
    public const string UserTotpProof = "/api/v2/user/totp/proof";

    /// <summary>End of the app: POST <see cref="ConfirmWithCode"/>.</summary>
    public const string UserTotpRemoval = "/api/v2/user/totp/removal";

    /// <summary>His recovery codes: POST <see cref="ConfirmWithCode"/> makes new ones.</summary>
    public const string UserRecoveryCodes = "/api/v2/user/recovery-codes";

    /// <summary>Accounts of backup users: GET lists (q, organization, suspended), POST <see cref="CreateAccount"/>.</summary>
    public const string Accounts = "/api/v2/accounts";

    /// <summary>One account: GET, PATCH <see cref="UpdateAccount"/>, DELETE.</summary>
    public const string Account = "/api/v2/accounts/{username}";

    /// <summary>Its password: POST <see cref="ResetAccountPassword"/>.</summary>
    public const string AccountPassword = "/api/v2/accounts/{username}/password";

    /// <summary>Its authenticator app: DELETE, for a user who lost it.</summary>
    public const string AccountTotp = "/api/v2/accounts/{username}/totp";

    /// <summary>Its profile: GET, PUT with If-Match.</summary>
    public const string AccountProfile = "/api/v2/accounts/{username}/profile";

    /// <summary>Older states of its profile: GET.</summary>
    public const string AccountProfileVersions = "/api/v2/accounts/{username}/profile/versions";

    /// <summary>One of them: POST makes it the present one.</summary>
    public const string AccountProfileRestore = "/api/v2/accounts/{username}/profile/versions/{versionId:guid}/restore";

    /// <summary>Its devices: GET.</summary>
    public const string AccountDevices = "/api/v2/accounts/{username}/devices";

    /// <summary>One of them: PATCH <see cref="RenameDevice"/>, DELETE revokes it and ends its sessions.</summary>
    public const string AccountDevice = "/api/v2/accounts/{username}/devices/{deviceId}";

    /// <summary>Its sessions: GET.</summary>
    public const string AccountSessions = "/api/v2/accounts/{username}/sessions";

    /// <summary>One of them: DELETE ends it.</summary>
    public const string AccountSession = "/api/v2/accounts/{username}/sessions/{sessionId:guid}";

    /// <summary>Its install tokens: GET lists, POST makes one.</summary>
    public const string AccountInstallTokens = "/api/v2/accounts/{username}/install-tokens";

    /// <summary>One of them: DELETE takes it back.</summary>
    public const string AccountInstallToken = "/api/v2/accounts/{username}/install-tokens/{tokenId:guid}";
}
