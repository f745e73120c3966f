namespace Halley.Server.Administrators;

internal enum SignInResult
{
    SignedIn,

    /// <summary>Unknown name, wrong password or locked: which of them is not told to anybody.</summary>
    Refused,

    /// <summary>Too many passwords are being checked; try again in a moment.</summary>
    Busy,
}

/// <summary>What became of a sign-in; the administrator is only there when it succeeded.</summary>
internal sealed record SignIn(SignInResult Result, Administrator? Administrator = null)
{
    public static readonly SignIn Refused = new(SignInResult.Refused);
    public static readonly SignIn Busy = new(SignInResult.Busy);
}

internal enum PasswordChangeResult
{
    Changed,
    WrongPassword,
    Unacceptable,
    Busy,
}

/// <summary>What became of a change of password; reasons are sentences for the person who asked.</summary>
internal sealed record PasswordChange(PasswordChangeResult Result, IReadOnlyList<string> Reasons)
{
    public PasswordChange(PasswordChangeResult result)
        : this(result, [])
    {
    }
}
