using System.Security.Cryptography;

namespace Halley.Client.Keys;

/// <summary>Keys that are not derived: the system's random generator creates them once, and the profile keeps them sealed.</summary>
public static class RandomKeys
{
    private const int Digits = 32;

    /// <summary>A new pre-shared key of a bucket (PSK): 128 random bits as 32 lower-case hex digits.</summary>
    public static string BucketKey() => RandomNumberGenerator.GetHexString(Digits, lowercase: true);

    /// <summary>
    /// A new key of a vault (E-key): 128 random bits as 32 lower-case hex digits. That text is the restic password of one key file of the
    /// vault.
    /// </summary>
    public static string VaultKey() => RandomNumberGenerator.GetHexString(Digits, lowercase: true);
}
