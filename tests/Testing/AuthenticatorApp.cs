using System.Text.RegularExpressions;
using Halley.Server.Credentials;

namespace Halley.Testing;

/// <summary>The app on a person's telephone.</summary>
public static partial class AuthenticatorApp
{
    /// <summary>The code that the app shows at a time.</summary>
    public static string CodeAt(string secret, DateTimeOffset time) => Totp.CodeAt(Decode(secret), Totp.StepAt(time));

    /// <summary>The secret in an <c>otpauth</c> link.</summary>
    public static string SecretIn(string link) => SecretField().Match(link).Groups[1].Value;

    private static byte[] Decode(string base32)
    {
        var bits = string.Concat(base32.Select(
            digit => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(digit, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(chunk => chunk.Length == 8).Select(chunk => Convert.ToByte(new string(chunk), 2))];
    }

    [GeneratedRegex("secret=([A-Z2-7]+)")]
    private static partial Regex SecretField();
}
