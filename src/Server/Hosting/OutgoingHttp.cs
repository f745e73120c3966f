using System.Net;
using System.Net.Sockets;

namespace Halley.Server.Hosting;

/// <summary>
/// Requests to addresses that somebody has entered. What administrators of the server enter may lead anywhere; what those of an
/// organization enter must not lead inside, where they have no business and this server is believed. The address is looked at when the
/// connection is made,
/// so a name that resolves to something else by then helps nobody, and no redirect is ever followed.
/// </summary>
internal sealed class OutgoingHttp : IDisposable
{
    private const long LongestAnswer = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly HttpClient _anywhere = NewClient(new SocketsHttpHandler());
    private readonly HttpClient _outside;

    // Not through a proxy, behind which nobody could see where a name leads.
    public OutgoingHttp(OutgoingOptions options)
    {
        _outside = options.AllowInternalForOrganizations
            ? _anywhere
            : NewClient(new SocketsHttpHandler { UseProxy = false, ConnectCallback = ConnectOutsideAsync });
        Lasting.Timeout = Timeout.InfiniteTimeSpan;
    }

    /// <summary>For what the server itself has entered, when a request may last for hours: who uses it watches that it goes on.</summary>
    public HttpClient Lasting { get; } = NewClient(new SocketsHttpHandler());

    /// <summary>For what an organization has entered; for the server itself when the id is empty.</summary>
    public HttpClient Of(string organizationId) => organizationId.Length == 0 ? _anywhere : _outside;

    public void Dispose()
    {
        Lasting.Dispose();
        _anywhere.Dispose();
        _outside.Dispose();
    }

    private static HttpClient NewClient(SocketsHttpHandler handler)
    {
        // Nobody is followed elsewhere: requests carry passwords, and the other place may be inside.
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.ConnectTimeout = TimeSpan.FromSeconds(10);
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
        return new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = LongestAnswer };
    }

    private static async ValueTask<Stream> ConnectOutsideAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
        var outside = Array.FindAll(addresses, address => !InternalAddresses.Contain(address));
        if (outside.Length == 0)
        {
            throw new HttpRequestException($"{host} leads inside the network of this server, which is not open to organizations");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(outside, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
