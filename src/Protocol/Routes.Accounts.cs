namespace Halley.Protocol;

// backup users: as they use their own account, and as administrators do
public static partial class Routes
{
    /// <summary>
    /// How keys are derived: POST <see cref="Protocol.PreLogin"/>, returns <see cref="PreLoginAnswer"/>. Needs no credential.
    /// </summary>
    public const string PreLogin = "/api/v2/accounts/pre-login";

    /// <summary>
    /// Sign-in of a device by an install token: POST <see cref="RedeemInstallToken"/>, returns <see cref="SessionStarted"/>.
    /// </summary>
    public const string InstallTokenSessions = "/api/v2/sessions/install-token";

    /// <summary>The account of the calling user: GET.</summary>
    public const string User = "/api/v2/user";

    /// <summary>The user's own profile: GET, PUT with If-Match.</summary>
    public const string UserProfile = "/api/v2/user/profile";

    /// <summary>The user's own password: PUT <see cref="ChangeLKey"/> with If-Match.</summary>
    public const string UserPassword = "/api/v2/user/password";

    /// <summary>The user's own sessions: GET.</summary>
    public const string UserSessions = "/api/v2/user/sessions";

    /// <summary>One of them: DELETE ends it.</summary>
    public const string UserSession = "/api/v2/user/sessions/{sessionId}";

    /// <summary>The one of the request: DELETE ends it.</summary>
    public const string UserCurrentSession = "/api/v2/user/sessions/current";

    /// <summary>The user's own devices: GET lists, POST <see cref="RegisterDevice"/>.</summary>
    public const string UserDevices = "/api/v2/user/devices";

    /// <summary>One of them: PATCH <see cref="RenameDevice"/>, DELETE revokes it and ends its sessions.</summary>
    public const string UserDevice = "/api/v2/user/devices/{deviceId}";

    /// <summary>The user's own authenticator app: POST creates a new secret.</summary>
    public const string UserTotp = "/api/v2/user/totp";

    /// <summary>
    /// Proof that the app works: POST <see cref="ConfirmWithCode"/> turns it on, returns <see cref="RecoveryCodesCreated"/>.
    /// </summary>
    public const string UserTotpProof = "/api/v2/user/totp/proof";

    /// <summary>End of the app: POST <see cref="ConfirmWithCode"/>.</summary>
    public const string UserTotpRemoval = "/api/v2/user/totp/removal";

    /// <summary>The user's own recovery codes: POST <see cref="ConfirmWithCode"/> creates new ones.</summary>
    public const string UserRecoveryCodes = "/api/v2/user/recovery-codes";

    /// <summary>Templates by which the user may request vaults: GET lists.</summary>
    public const string UserVaultTemplates = "/api/v2/user/vault-templates";

    /// <summary>The user's own vaults: POST <see cref="RequestVault"/> makes one by a template.</summary>
    public const string UserVaults = "/api/v2/user/vaults";

    /// <summary>Accounts of backup users: GET lists (q, organization, suspended), POST <see cref="CreateAccount"/>.</summary>
    public const string Accounts = "/api/v2/accounts";

    /// <summary>One account: GET, PATCH <see cref="UpdateAccount"/>, DELETE.</summary>
    public const string Account = "/api/v2/accounts/{username}";

    /// <summary>Path of one account.</summary>
    public static string ToAccount(string username) => Fill(Account, username);

    /// <summary>Its password: POST <see cref="ResetAccountPassword"/>.</summary>
    public const string AccountPassword = "/api/v2/accounts/{username}/password";

    /// <summary>Its authenticator app: DELETE, for a user that lost it.</summary>
    public const string AccountTotp = "/api/v2/accounts/{username}/totp";

    /// <summary>Its profile: GET, PUT with If-Match.</summary>
    public const string AccountProfile = "/api/v2/accounts/{username}/profile";

    /// <summary>Older states of its profile: GET.</summary>
    public const string AccountProfileVersions = "/api/v2/accounts/{username}/profile/versions";

    /// <summary>One of them: POST makes it the present one.</summary>
    public const string AccountProfileRestore = "/api/v2/accounts/{username}/profile/versions/{versionId}/restore";

    /// <summary>Its devices: GET.</summary>
    public const string AccountDevices = "/api/v2/accounts/{username}/devices";

    /// <summary>One of them: PATCH <see cref="RenameDevice"/>, DELETE revokes it and ends its sessions.</summary>
    public const string AccountDevice = "/api/v2/accounts/{username}/devices/{deviceId}";

    /// <summary>Its sessions: GET.</summary>
    public const string AccountSessions = "/api/v2/accounts/{username}/sessions";

    /// <summary>One of them: DELETE ends it.</summary>
    public const string AccountSession = "/api/v2/accounts/{username}/sessions/{sessionId}";

    /// <summary>Its install tokens: GET lists, POST makes one.</summary>
    public const string AccountInstallTokens = "/api/v2/accounts/{username}/install-tokens";

    /// <summary>One of them: DELETE takes it back.</summary>
    public const string AccountInstallToken = "/api/v2/accounts/{username}/install-tokens/{tokenId}";

    /// <summary>Path of one install token of an account.</summary>
    public static string ToAccountInstallToken(string username, Guid tokenId) => Fill(AccountInstallToken, username, tokenId.ToString());
}
