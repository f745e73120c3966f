using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Halley.Server.Hosting;

/// <summary>
/// Accepts no more connections than the process has file descriptors for, with half of them kept for disks and the database: without
/// descriptors volumes go offline, and the runtime ends the process. One address gets half of the connections, unless it is a proxy.
/// </summary>
internal sealed partial class ConnectionLimits
{
    /// <summary>Below this the server warns: a hundred clients would be too many.</summary>
    private const long FewDescriptors = 4096;

    private const int MostConnections = 100_000;

    /// <summary>RLIMIT_NOFILE of Linux.</summary>
    private const int NumberOfFiles = 7;

    private readonly HalleyOptions _options;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private int _all;

    public ConnectionLimits(HalleyOptions options, ILogger<ConnectionLimits> logger)
        : this(options, Descriptors(), logger)
    {
    }

    internal ConnectionLimits(HalleyOptions options, long descriptors, ILogger logger)
    {
        (_options, _logger) = (options, logger);
        Most = (int)Math.Clamp(descriptors / 2, 16, MostConnections);
        MostOfAddress = Math.Max(8, Most / 2);
        if (descriptors < FewDescriptors)
        {
            LogFew(descriptors, Most);
        }
    }

    public int Most { get; }

    public int MostOfAddress { get; }

    /// <summary>Counts a connection that was accepted; false if there are too many.</summary>
    public bool TryEnter(ConnectionContext connection) => TryEnter(AddressOf(connection));

    /// <summary>Runs a counted connection to its end.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        try
        {
            await next(connection);
        }
        finally
        {
            Leave(AddressOf(connection));
        }
    }

    public bool TryEnter(IPAddress? client)
    {
        var address = Neighbourhood.Of(client);
        lock (_lock)
        {
            var own = _byAddress.GetValueOrDefault(address);
            if (_all >= Most || (own >= MostOfAddress && !(client is not null && _options.TrustsProxy(client))))
            {
                return false;
            }

            _all++;
            _byAddress[address] = own + 1;
            return true;
        }
    }

    public void Leave(IPAddress? client)
    {
        var address = Neighbourhood.Of(client);
        lock (_lock)
        {
            _all--;
            if (--_byAddress[address] == 0)
            {
                _byAddress.Remove(address);
            }
        }
    }

    private static IPAddress? AddressOf(ConnectionContext connection) => (connection.RemoteEndPoint as IPEndPoint)?.Address;

    // The runtime has raised the soft limit to the hard one when it started.
    private static long Descriptors() =>
        OperatingSystem.IsLinux() && GetLimit(NumberOfFiles, out var limit) == 0 && limit.Soft < long.MaxValue
            ? (long)limit.Soft : long.MaxValue;

    [DllImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetLimit(int resource, out ResourceLimit limit);

    [LoggerMessage(LogEvents.FewDescriptors, LogLevel.Warning,
        "The process may have only {Descriptors} file descriptors, so the server takes at most {Connections} connections; "
        + "raise the limit (LimitNOFILE=, ulimit -n)")]
    private partial void LogFew(long descriptors, int connections);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ResourceLimit
    {
        public readonly ulong Soft;
        public readonly ulong Hard;
    }
}
