using System.Net;
using System.Net.Sockets;

namespace Halley.Server.AuthRole.VaultRequests;

/// <summary>The address under which devices reach this server, as the request for a vault states it.</summary>
internal static class SelfAddress
{
    /// <summary>The address with a trailing slash, or why the text is not acceptable.</summary>
    /// <param name="text">The address that the caller states.</param>
    /// <param name="publicUrl">The configured one. It replaces an address that is missing or that no device can use: a program that runs
    /// beside the server calls it by its loop-back address.</param>
    public static (Uri? Address, string? Refusal) Read(string text, bool allowLoopback, string? publicUrl = null)
    {
        if (publicUrl is { Length: > 0 }
            && (text.Length == 0 || (!allowLoopback && Normalize(text) is { } here && IsLocal(here.DnsSafeHost))))
        {
            text = publicUrl;
        }

        if (text.Length == 0)
        {
            return (null,
                "SelfAddress is missing: give the address of this server as devices reach it, for example https://backup.example.com/");
        }

        if (Normalize(text) is not { } address)
        {
            return (null, "SelfAddress must be an http or https address without a query, for example https://backup.example.com/");
        }

        return allowLoopback || !IsLocal(address.DnsSafeHost)
            ? (address, null)
            : (null, $"SelfAddress names {address.Host}, which every device resolves to itself, so its backups would go nowhere. "
                + "Call this server through the address that devices use, or set Halley:PublicUrl");
    }

    /// <summary>An http or https address with a trailing slash; null for any other text.</summary>
    public static Uri? Normalize(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
            && address is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" }
            ? new Uri(address.AbsoluteUri.TrimEnd('/') + "/")
            : null;

    private static bool IsLocal(string host)
    {
        var name = host.TrimEnd('.');
        if (name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (!IPAddress.TryParse(name, out var ip))
        {
            return false;
        }

        ip = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
        return IPAddress.IsLoopback(ip)
            || ip.IsIPv6LinkLocal
            || ip.Equals(IPAddress.IPv6Any)
            || (ip.AddressFamily == AddressFamily.InterNetwork && ip.GetAddressBytes() is [0, ..] or [169, 254, ..]);
    }
}
