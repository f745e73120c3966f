using System.Globalization;
using System.Text.RegularExpressions;
using BCrypt.Net;

namespace Halley.Server.Credentials;

/// <summary>
/// Hashes of stored credentials. Format 1 is bcrypt over base64(SHA-512(UTF-8 text)), of which bcrypt uses the first 72 characters; its
/// prefix is <c>$2a$</c>. Clients may send such hashes themselves, so test vectors pin the format.
/// </summary>
internal sealed partial class CredentialHasher(CredentialOptions options)
{
    public const int CurrentFormat = 1;
    public const int LeastWorkFactor = 4;
    public const int MostWorkFactor = 16;

    /// <summary>The work factor of hashes unless configured otherwise, and the most that a hash may have which a client computed.</summary>
    public const int UsualWorkFactor = 10;

    public string Hash(string secret) => BCrypt.Net.BCrypt.EnhancedHashPassword(secret, HashType.SHA512, options.WorkFactor);

    public static bool Verify(string secret, int format, string hash) =>
        IsWellFormed(format, hash) && BCrypt.Net.BCrypt.EnhancedVerify(secret, hash, HashType.SHA512);

    /// <summary>The work factor of the server's own hashes.</summary>
    public int WorkFactor => options.WorkFactor;

    /// <summary>True if a credential that was just verified should be hashed again.</summary>
    public bool NeedsRehash(int format, string hash) => format != CurrentFormat || WorkFactorOf(hash) != options.WorkFactor;

    /// <summary>
    /// True for a hash that this server can check in reasonable time. With an arbitrary work factor, a client could make the server compute
    /// for hours.
    /// </summary>
    public static bool IsWellFormed(int format, string hash) =>
        format == CurrentFormat && FormatOne().IsMatch(hash) && WorkFactorOf(hash) is >= LeastWorkFactor and <= MostWorkFactor;

    /// <summary>
    /// True for a hash that somebody may give who computed it. If it cost more than those of the server, a few would occupy its threads.
    /// </summary>
    public static bool IsAcceptable(int format, string hash, int ownWorkFactor = UsualWorkFactor) =>
        IsWellFormed(format, hash) && WorkFactorOf(hash) <= Math.Max(ownWorkFactor, UsualWorkFactor);

    /// <summary>Why a hash that somebody computed elsewhere cannot be checked here, in one sentence; null if it can.</summary>
    public static string? ProblemWith(long format, string hash) =>
        format != CurrentFormat
            ? $"PasswordFormat {format} is unknown here; only 0 (the password itself) and {CurrentFormat} (bcrypt) can be checked."
        : !FormatOne().IsMatch(hash)
            ? $"PasswordHash is not bcrypt ($2a$, $2b$ or $2y$, a work factor and 53 characters), as PasswordFormat {CurrentFormat} says."
        : !IsAcceptable(CurrentFormat, hash)
            ? $"PasswordHash has the work factor {WorkFactorOf(hash)}; this server checks {LeastWorkFactor} to {UsualWorkFactor}."
        : null;

    /// <summary>What a comparison with these hashes costs, in rounds of bcrypt.</summary>
    public static long CostOf(IReadOnlyList<StoredCredential> credentials) => credentials.Sum(
        credential => IsWellFormed(credential.Format, credential.Hash) ? 1L << WorkFactorOf(credential.Hash) : 0);

    private static int WorkFactorOf(string hash) => int.Parse(hash.AsSpan(4, 2), NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}\z", RegexOptions.CultureInvariant)]
    private static partial Regex FormatOne();
}
