namespace Halley.Protocol.Keys;

/// <summary>Why no keys were derived. Nothing here depends on whether the account exists or the password is right.</summary>
public enum AccountKeysProblem
{
    /// <summary>
    /// This program does not know that version of the derivation: a newer program created the account, so update this one.
    /// </summary>
    UnknownKdf,

    /// <summary>The username is empty.</summary>
    EmptyUsername,

    /// <summary>The username has a surrogate without its partner, or U+FFFE, so it is not Unicode text.</summary>
    UsernameIsNotText,

    /// <summary>The password is empty.</summary>
    EmptyPassword,

    /// <summary>The password has a surrogate without its partner, or U+FFFE, so it is not Unicode text.</summary>
    PasswordIsNotText,

    /// <summary>The password has more than <see cref="AccountKeys.LongestPassword"/> UTF-16 code units.</summary>
    PasswordTooLong,
}
