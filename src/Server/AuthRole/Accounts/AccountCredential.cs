namespace Halley.Server.AuthRole.Accounts;

/// <summary>What a user gives to be let in: the L-key, or the password from which the server derives it; and a code where one is asked for.</summary>
internal sealed record AccountCredential(string Username, string? LKey, string? Password, string? Code = null)
{
    public static AccountCredential OfLKey(string username, string lKey, string? code = null) => new(username, lKey, null, code);

    public static AccountCredential OfPassword(string username, string password, string? code = null) => new(username, null, password, code);
}

internal enum AccountSignInResult
{
    SignedIn,

    /// <summary>Unknown name, wrong credential or code, suspended or locked: which of them is not told to anybody.</summary>
    Refused,

    /// <summary>The credential is right, and a one-time code is needed beside it.</summary>
    CodeMissing,

    /// <summary>This server takes no passwords of users, whoever they are.</summary>
    PasswordsNotTaken,

    /// <summary>Too many credentials are being checked; try again in a moment.</summary>
    Busy,
}

/// <summary>What became of a sign-in; the account is only there when it succeeded.</summary>
internal sealed record AccountSignIn(AccountSignInResult Result, AccountIdentity? Account = null);
