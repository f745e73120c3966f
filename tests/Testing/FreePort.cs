using System.Net;
using System.Net.Sockets;

namespace Halley.Testing;

/// <summary>
/// Ports for programs that cannot choose their own. They lie below the range from which the kernel takes ports for outgoing connections,
/// so a server can be killed and restarted on its port without losing it in between.
/// </summary>
public static class FreePort
{
    private const int First = 20_000;
    private const int Count = 12_000;

    // Test processes that run at the same time begin at different places.
    private static int _next = Environment.ProcessId * 37 % Count;

    public static int Take()
    {
        for (var attempt = 0; attempt < Count; attempt++)
        {
            var port = First + (Interlocked.Increment(ref _next) % Count);
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No free port between {First} and {First + Count}.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
