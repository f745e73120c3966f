using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// Ids of buckets. An id is part of URLs and the name of a folder on every volume, so only characters are allowed that are safe in both.
/// </summary>
internal static partial class BucketId
{
    public const int MaximumLength = 64;

    public const string Rule = "An id has 3 to 64 letters, digits, '.', '_' or '-', and begins and ends with a letter or digit.";

    /// <summary>A new id that cannot be guessed: 128 random bits.</summary>
    public static string NewId() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    public static bool IsValid(string id) => Pattern().IsMatch(id) && !id.Contains("..", StringComparison.Ordinal);

    public static string Fold(string id) => id.ToLowerInvariant();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{1,62}[A-Za-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

/// <summary>Names for people.</summary>
internal static class BucketLabel
{
    public const int MaximumLength = 200;

    public const string Rule = "A label has at most 200 characters.";
}
