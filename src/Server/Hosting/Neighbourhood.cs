using System.Net;
using System.Net.Sockets;

namespace Halley.Server.Hosting;

/// <summary>Addresses that count as one client.</summary>
internal static class Neighbourhood
{
    // One subscriber has a whole /64 of IPv6 addresses, so they count as one.
    public static IPAddress Of(IPAddress? client)
    {
        if (client is null)
        {
            return IPAddress.None;
        }

        if (client.IsIPv4MappedToIPv6)
        {
            return client.MapToIPv4();
        }

        if (client.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return client;
        }

        Span<byte> bytes = stackalloc byte[16];
        client.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}
