using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Halley.Protocol.Keys;

/// <summary>
/// The two keys derived from a username and a password. The L-key signs in and is the only one that a server sees. The R-key seals the
/// secrets of the profile and never leaves the client. Neither can be computed from the other. Dispose erases the R-key.
/// </summary>
/// <remarks>
/// <para>
/// Version 1 of the derivation: the password in form NFKC of Unicode 15 as UTF-8 → PBKDF2-HMAC-SHA512, 210 000 iterations, salt = UTF-8 of
/// <c>halley/account-keys/1/</c> + username, 48 bytes out; the first 24 are the L-key, the last 24 the R-key. The parameters belong to the
/// version and are not stored anywhere, so no attacker can make a client use weaker ones. They are pinned by
/// <c>tests/Testing/Keys/vectors.json</c>.
/// </para>
/// <para>
/// The username is neither normalised nor folded: use the account's own spelling, not the user's input.
/// </para>
/// </remarks>
public sealed class AccountKeys : IDisposable
{
    /// <summary>Version of the derivation that new accounts and changed passwords get.</summary>
    public const int CurrentKdf = 1;

    /// <summary>Length of an L-key as it travels: lower-case hex digits of 192 bits.</summary>
    public const int LKeyDigits = 2 * LKeyLength;

    /// <summary>Length of an R-key in bytes: 192 bits.</summary>
    public const int RKeyLength = 24;

    /// <summary>
    /// Most UTF-16 code units of a password. The time of normalising grows with the square of a run of combining marks (100 000 of them
    /// take many seconds), and a server does it for strangers.
    /// </summary>
    public const int LongestPassword = 4096;

    private const int LKeyLength = 24;
    private const string SaltPrefix = "halley/account-keys/1/";

    // OWASP's figure of 2023 for PBKDF2-HMAC-SHA512: about 250 ms. Both keys are in one block of the hash (64 bytes), so they cost its
    // owner no more than one of them costs a guesser.
    private const int Iterations = 210_000;

    private readonly byte[] _rKey = GC.AllocateUninitializedArray<byte>(RKeyLength, pinned: true);
    private bool _erased;

    private AccountKeys(ReadOnlySpan<byte> derived)
    {
        LKey = Convert.ToHexStringLower(derived[..LKeyLength]);
        derived[LKeyLength..].CopyTo(_rKey);
    }

    /// <summary>
    /// 48 lower-case hex digits, sent with <c>AuthType=LKey</c>. It signs in like the password, so never log it.
    /// </summary>
    public string LKey { get; }

    /// <summary>The 24 bytes that seal the secrets of the profile. They become zero when this object is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public ReadOnlySpan<byte> RKey
    {
        get
        {
            ObjectDisposedException.ThrowIf(_erased, this);
            return _rKey;
        }
    }

    /// <summary>Derives both keys; for clients. Keeps a core busy for about 250 ms.</summary>
    /// <param name="kdf">The account's version of the derivation, which the server returns before the sign-in; 1.</param>
    /// <param name="username">The account's name exactly as it was registered; not empty.</param>
    /// <param name="password">1 to <see cref="LongestPassword"/> UTF-16 code units. The caller erases them.</param>
    /// <param name="keys">The keys; null when there is a problem.</param>
    /// <param name="problem">Why there are no keys; null when there are.</param>
    public static bool TryDerive(
        int kdf, ReadOnlySpan<char> username, ReadOnlySpan<char> password,
        [NotNullWhen(true)] out AccountKeys? keys, [NotNullWhen(false)] out AccountKeysProblem? problem)
    {
        Span<byte> derived = stackalloc byte[LKeyLength + RKeyLength];
        problem = Derive(kdf, username, password, derived);
        keys = problem is null ? new AccountKeys(derived) : null;
        CryptographicOperations.ZeroMemory(derived);
        return problem is null;
    }

    /// <summary>Derives the L-key alone, for servers that receive a password. The R-key's bytes are never requested.</summary>
    /// <param name="kdf">The account's version of the derivation; 1.</param>
    /// <param name="username">The account's name exactly as it was registered; not empty.</param>
    /// <param name="password">1 to <see cref="LongestPassword"/> UTF-16 code units. The caller erases them.</param>
    /// <param name="lKey">48 lower-case hex digits; null when there is a problem.</param>
    /// <param name="problem">Why there is no key; null when there is one.</param>
    public static bool TryDeriveLKey(
        int kdf, ReadOnlySpan<char> username, ReadOnlySpan<char> password,
        [NotNullWhen(true)] out string? lKey, [NotNullWhen(false)] out AccountKeysProblem? problem)
    {
        Span<byte> derived = stackalloc byte[LKeyLength];
        problem = Derive(kdf, username, password, derived);
        lKey = problem is null ? Convert.ToHexStringLower(derived) : null;
        CryptographicOperations.ZeroMemory(derived);
        return problem is null;
    }

    /// <summary>Erases the R-key.</summary>
    public void Dispose()
    {
        _erased = true;
        CryptographicOperations.ZeroMemory(_rKey);
    }

    private static AccountKeysProblem? Derive(int kdf, ReadOnlySpan<char> username, ReadOnlySpan<char> password, Span<byte> derived)
    {
        if (ProblemWith(kdf, username, password) is { } problem)
        {
            return problem;
        }

        var salt = Encoding.UTF8.GetBytes([.. SaltPrefix, .. username]);
        var secret = PasswordBytes.Of(password);
        try
        {
            Rfc2898DeriveBytes.Pbkdf2(secret, salt, derived, Iterations, HashAlgorithmName.SHA512);
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static AccountKeysProblem? ProblemWith(int kdf, ReadOnlySpan<char> username, ReadOnlySpan<char> password) =>
        kdf != CurrentKdf ? AccountKeysProblem.UnknownKdf
        : username.IsEmpty ? AccountKeysProblem.EmptyUsername
        : !PasswordBytes.IsText(username) ? AccountKeysProblem.UsernameIsNotText
        : password.IsEmpty ? AccountKeysProblem.EmptyPassword
        : password.Length > LongestPassword ? AccountKeysProblem.PasswordTooLong
        : !PasswordBytes.IsText(password) ? AccountKeysProblem.PasswordIsNotText
        : null;
}
