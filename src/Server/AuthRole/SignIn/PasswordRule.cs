using Halley.Protocol.Keys;

namespace Halley.Server.AuthRole.SignIn;

/// <summary>
/// The rules for passwords and L-keys. Only the length counts; rules about kinds of characters make passwords predictable.
/// </summary>
internal static class PasswordRule
{
    public const int Shortest = 8;

    public static readonly string LKeySentence = $"The L-key must be {AccountKeys.LKeyDigits} lower-case hex digits.";

    public static string? ProblemWith(string password) =>
        password.Length < Shortest ? $"The password must have at least {Shortest} characters."
        : password.Length > AccountKeys.LongestPassword ? $"The password must have at most {AccountKeys.LongestPassword} characters."
        : null;

    public static bool IsLKey(string lKey) =>
        lKey.Length == AccountKeys.LKeyDigits && lKey.All(digit => digit is (>= '0' and <= '9') or (>= 'a' and <= 'f'));
}
