namespace Halley.Client.Accounts;

/// <summary>Why something with an account was not done.</summary>
public enum AccountFault
{
    /// <summary>This machine is not signed in.</summary>
    SignedOut,

    /// <summary>Name, password or code is wrong, or the account is locked or suspended: the server does not say which.</summary>
    WrongCredential,

    /// <summary>The account is suspended; the keys of this machine are right.</summary>
    Suspended,

    /// <summary>The session has ended, and this machine keeps no keys with which it could start another one.</summary>
    SessionEnded,

    /// <summary>The password cannot be used by this program.</summary>
    UnusablePassword,

    /// <summary>The user must change the password first.</summary>
    PasswordChangeRequired,

    /// <summary>The account has its maximum of devices.</summary>
    TooManyDevices,

    /// <summary>The server refused for another reason.</summary>
    Refused,

    /// <summary>The profile has no such vault, or one that this program cannot open.</summary>
    NoVault,

    /// <summary>The files of this machine are damaged.</summary>
    Damaged,
}

/// <summary>Something with an account was not done. The message says why and what to do.</summary>
/// <param name="fault">Why.</param>
/// <param name="message">The same for people.</param>
public sealed class AccountException(AccountFault fault, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public AccountFault Fault => fault;
}
