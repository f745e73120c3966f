namespace Halley.Server.Administrators;

/// <summary>The credentials of a sign-in. The code is of the authenticator app or a recovery code, and may be empty.</summary>
internal sealed record SignInAttempt(string Username, string Password, string Code = "");

internal enum SignInResult
{
    SignedIn,

    /// <summary>
    /// Unknown name, wrong password, wrong code, forbidden address or locked name. Clients never learn which of them it was.
    /// </summary>
    Refused,

    /// <summary>The password is right; a code of the authenticator app is missing.</summary>
    CodeMissing,

    /// <summary>The password is right; a passkey is missing.</summary>
    PasskeyMissing,

    /// <summary>The server is checking too many passwords; try again in a moment.</summary>
    Busy,
}

/// <summary>The result of a sign-in: the administrator if it succeeded, the id of the half signed-in one if a factor is missing.</summary>
internal sealed record SignIn(SignInResult Result, Administrator? Administrator = null, Guid? HalfSignedIn = null)
{
    public static readonly SignIn Refused = new(SignInResult.Refused);
    public static readonly SignIn Busy = new(SignInResult.Busy);
}
