namespace Halley.Server.Administrators;

/// <summary>What somebody shows to be signed in; the code is of the authenticator app, or a recovery code, and may be empty.</summary>
internal sealed record SignInAttempt(string Username, string Password, string Code = "");

internal enum SignInResult
{
    SignedIn,

    /// <summary>Unknown name, wrong password, wrong code, foreign address or locked: which of them is not told to anybody.</summary>
    Refused,

    /// <summary>The password is right, and a code of the authenticator app is missing.</summary>
    CodeMissing,

    /// <summary>The password is right, and a passkey is missing.</summary>
    PasskeyMissing,

    /// <summary>Too many passwords are being checked; try again in a moment.</summary>
    Busy,
}

/// <summary>What became of a sign-in; the administrator is only there when it succeeded, the half one when a factor is missing.</summary>
internal sealed record SignIn(SignInResult Result, Administrator? Administrator = null, Guid? HalfSignedIn = null)
{
    public static readonly SignIn Refused = new(SignInResult.Refused);
    public static readonly SignIn Busy = new(SignInResult.Busy);
}
