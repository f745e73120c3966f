using System.Security.Cryptography;
using System.Text;

namespace Halley.Server.Credentials;

/// <summary>Keys of sessions and one-time tokens: 256 random bits as hex digits. Only the SHA-256 is stored.</summary>
internal static class SessionKey
{
    public const int Digits = 64;
    public const int HashLength = 32;

    public static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Digits / 2));

    public static bool IsWellFormed(string key) => key.Length == Digits;

    // The key is random and can't be guessed, so a plain hash is enough.
    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
