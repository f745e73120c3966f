namespace Halley.Server.AuthRole.SignIn;

/// <summary>
/// The credential of a user: the L-key, or the password from which the server derives it, and a one-time code where one is required, or the
/// proof of a registered device that it gave one before. <paramref name="DeviceId"/> is the device that sends it, if it says so.
/// </summary>
internal sealed record AccountCredential(
    string Username, string? LKey, string? Password, string? Code = null, DeviceProof? Proof = null, string? DeviceId = null)
{
    public static AccountCredential OfLKey(string username, string lKey, string? code = null) => new(username, lKey, null, code);

    public static AccountCredential OfPassword(string username, string password, string? code = null) =>
        new(username, null, password, code);
}

internal enum AccountSignInResult
{
    SignedIn,

    /// <summary>Unknown name, wrong credential or code, suspended or locked; the caller does not learn which.</summary>
    Refused,

    /// <summary>The credential is right and comes from a registered device, and the account or its organization is suspended.</summary>
    Suspended,

    /// <summary>The credential is right, and a one-time code is required in addition.</summary>
    CodeMissing,

    /// <summary>This server accepts no passwords of users.</summary>
    PasswordsNotTaken,

    /// <summary>Too many credentials are being checked; try again in a moment.</summary>
    Busy,
}

/// <summary>The result of a sign-in; <paramref name="Account"/> is null unless it succeeded.</summary>
/// <param name="Result">The result.</param>
/// <param name="Account">The user.</param>
/// <param name="App">The authenticator app whose code was accepted; null when no code was required or given.</param>
internal sealed record AccountSignIn(AccountSignInResult Result, AccountIdentity? Account = null, string? App = null);
