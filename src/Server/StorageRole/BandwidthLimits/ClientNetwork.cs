using System.Net;
using System.Net.Sockets;
using IPNetwork = System.Net.IPNetwork;

namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary>Networks and addresses of clients. IPv4 that came mapped into IPv6, as sockets for both show it, is IPv4.</summary>
internal static class ClientNetwork
{
    public const string Rule =
        "A network is an address and the length of its prefix, such as 10.1.0.0/16 or 2001:db8::/32, or a single address.";

    private const int MappedPrefix = 96;

    /// <summary>A network or a single address; null when the text is neither.</summary>
    public static IPNetwork? Parse(string text)
    {
        text = text.Trim();
        if (IPAddress.TryParse(text, out var single))
        {
            single = Plain(single);
            return single.AddressFamily == AddressFamily.InterNetworkV6 && single.ScopeId != 0
                ? null
                : new IPNetwork(single, single.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        }

        if (!IPNetwork.TryParse(text, out var network))
        {
            return null;
        }

        return network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= MappedPrefix
            ? new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - MappedPrefix)
            : network;
    }

    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
