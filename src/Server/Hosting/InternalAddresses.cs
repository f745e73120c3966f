using System.Net;
using System.Net.Sockets;

namespace Halley.Server.Hosting;

/// <summary>
/// Addresses that are not on the public internet: this machine, its network, the cloud's metadata, and IPv6 forms that embed one of them.
/// </summary>
internal static class InternalAddresses
{
    private static readonly IPNetwork[] Ranges =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", // the last one with the broadcast address
            "::/96", "100::/64", "2001::/32", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork LocalNat64 = IPNetwork.Parse("64:ff9b:1::/48");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    public static bool Contain(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            var bytes = address.GetAddressBytes();
            if (address.IsIPv4MappedToIPv6 || Nat64.Contains(address))
            {
                return Contain(new IPAddress(bytes.AsSpan(12, 4)));
            }

            if (SixToFour.Contains(address))
            {
                return Contain(new IPAddress(bytes.AsSpan(2, 4)));
            }

            if (LocalNat64.Contains(address))
            {
                return true;
            }
        }

        return Array.Exists(Ranges, range => range.Contains(address));
    }
}
