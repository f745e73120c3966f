using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Halley.Server.Credentials;

/// <summary>Codes of authenticator apps: RFC 6238 with SHA-1, six digits and 30 seconds, which all apps support.</summary>
internal static class Totp
{
    public const int SecretBytes = 20;
    private const int Digits = 6;
    private const int SecondsPerStep = 30;

    // Clocks of phones are seconds off, and typing takes a while.
    private static readonly long[] Steps = [-1, 0, 1];

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    public static long StepAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / SecondsPerStep;

    public static string CodeAt(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 6238 as the apps do it; HMAC is not affected by the collisions of SHA-1
        HMACSHA1.HashData(secret, counter, mac);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(mac[(mac[^1] & 15)..]) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The time step of a code, at most one away from now; null if the code is wrong.</summary>
    public static long? StepOf(ReadOnlySpan<byte> secret, string code, DateTimeOffset now)
    {
        long? found = null;
        var given = Encoding.UTF8.GetBytes(code);
        foreach (var away in Steps)
        {
            var step = StepAt(now) + away;
            if (CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(CodeAt(secret, step))))
            {
                found = step;
            }
        }

        return found;
    }

    /// <summary>
    /// The digits of a code as people type it: apps show it in two groups, and keyboards have digits of other scripts. Null for text that
    /// cannot be a code, such as a recovery code.
    /// </summary>
    public static string? Read(string typed)
    {
        var digits = typed.Where(letter => !char.IsWhiteSpace(letter) && letter != '-')
            .Select(letter => CharUnicodeInfo.GetDecimalDigitValue(letter)).ToList();
        return digits.Count == Digits && !digits.Contains(-1) ? string.Concat(digits.Select(digit => (char)('0' + digit))) : null;
    }

    /// <summary>The link that apps read from the QR code.</summary>
    public static string LinkOf(string issuer, string account, ReadOnlySpan<byte> secret) =>
        $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(account)}"
        + $"?secret={Base32.Encode(secret)}&issuer={Uri.EscapeDataString(issuer)}&algorithm=SHA1&digits={Digits}&period={SecondsPerStep}";
}
