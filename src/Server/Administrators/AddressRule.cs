using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;

namespace Halley.Server.Administrators;

/// <summary>
/// A regular expression for the addresses that an administrator may use, matched against the address as text. The engine does not
/// backtrack, so no expression can block a thread for long.
/// </summary>
internal static class AddressRule
{
    public const int Longest = 1000;
    private const int MostKept = 1000;
    private static readonly ConcurrentDictionary<string, Regex> Kept = new(StringComparer.Ordinal);

    public static bool IsWellFormed(string rule)
    {
        try
        {
            _ = Read(rule);
            return rule.Length <= Longest && !rule.Any(char.IsControl);
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>True if the rule is empty or matches the address.</summary>
    public static bool Allows(string rule, IPAddress? client)
    {
        if (rule.Length == 0)
        {
            return true;
        }

        if (Kept.Count > MostKept)
        {
            Kept.Clear();
        }

        var address = client is { IsIPv4MappedToIPv6: true } ? client.MapToIPv4() : client;
        return Kept.GetOrAdd(rule, Read).IsMatch(address?.ToString() ?? "");
    }

    private static Regex Read(string rule) => new(rule, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
