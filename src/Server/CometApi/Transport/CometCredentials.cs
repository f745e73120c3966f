namespace Halley.Server.CometApi.Transport;

/// <summary>Names of the vendor's credential fields, and the kinds of credentials.</summary>
internal static class CometCredentials
{
    /// <summary>Prefix of the headers that can carry the same fields.</summary>
    public const string HeaderPrefix = "X-Comet-Admin-";

    /// <summary>Name of the administrator.</summary>
    public const string Username = "Username";

    /// <summary>Kind of the credential: one of the constants below.</summary>
    public const string AuthType = "AuthType";

    /// <summary>Field of the password, and the kind of credential that needs it alone.</summary>
    public const string Password = "Password";

    /// <summary>Field of a user's L-key, 48 lower-case hex digits, and the kind of credential that needs it alone.</summary>
    public const string LKey = "LKey";

    /// <summary>Kind of credential: an L-key and a code in the field <see cref="Totp"/>.</summary>
    public const string LKeyTotp = "LKeyTOTP";

    /// <summary>Field of the session key, and the kind of credential that needs it.</summary>
    public const string SessionKey = "SessionKey";

    /// <summary>Kind of credential: a password and a code in the field <see cref="Totp"/>.</summary>
    public const string PasswordTotp = "PasswordTOTP";

    /// <summary>
    /// Field of the authenticator app's code (a recovery code does as well), and the kind of credential that completes with it the
    /// half-authenticated session in <see cref="SessionKey"/>.
    /// </summary>
    public const string Totp = "TOTP";

    /// <summary>Response header: the password is right, and a code is missing.</summary>
    public const string TotpRequested = "X-Comet-TOTP-Requested";

    /// <summary>Message of such a response; its status is 449.</summary>
    public const string TotpRequired = "ERR_TOTP_REQUIRED";

    /// <summary>
    /// Response header in such a response to <c>session-start</c>: key of a session that waits five minutes for the code. Not in the
    /// vendor's API.
    /// </summary>
    public const string PendingSession = "X-Halley-Session-Key";

    /// <summary>
    /// Header that carries the set-up token of this server when the first administrator is made; not known to the vendor.
    /// </summary>
    public const string SetupToken = "X-Halley-Setup-Token";
}
