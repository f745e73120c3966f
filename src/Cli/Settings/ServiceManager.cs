using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Halley.Cli.Settings;

/// <summary>Tells systemd how a service is, when systemd has started it (<c>Type=notify</c>).</summary>
internal sealed class ServiceManager : IDisposable
{
    private readonly Socket? _socket;

    private ServiceManager(Socket? socket) => _socket = socket;

    /// <summary>How often systemd wants to hear that the service is well; null for never.</summary>
    public static TimeSpan? WatchdogInterval =>
        long.TryParse(Variables.NotEmpty("WATCHDOG_USEC"), CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
        && (Variables.NotEmpty("WATCHDOG_PID") is not { } process
            || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(microseconds / 2)
            : null;

    /// <summary>Connects to systemd; without it nothing is sent.</summary>
    public static ServiceManager Connect()
    {
        if (Variables.NotEmpty("NOTIFY_SOCKET") is not { } path || OperatingSystem.IsWindows())
        {
            return new ServiceManager(null);
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? $"\0{path[1..]}" : path));
        return new ServiceManager(socket);
    }

    public void Ready() => Send("READY=1");

    public void Stopping() => Send("STOPPING=1");

    public void IsWell() => Send("WATCHDOG=1");

    public void Dispose() => _socket?.Dispose();

    private void Send(string state) => _socket?.Send(Encoding.ASCII.GetBytes(state));
}
