using System.Net.Sockets;

namespace Halley.Testing;

/// <summary>Whether any process listens on a port of this machine.</summary>
public static class PortProbe
{
    public static async Task<bool> ListensAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
