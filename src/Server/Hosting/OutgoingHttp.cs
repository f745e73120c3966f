using System.Net;
using System.Net.Sockets;

namespace Halley.Server.Hosting;

/// <summary>
/// HTTP clients for addresses that somebody has entered. Addresses of the server's administrators may lead anywhere. Addresses of an
/// organization must not lead inside, where the network trusts this server. The address is checked when the connection is made, so a name
/// that resolves differently by then is caught. Redirects are never followed.
/// </summary>
internal sealed class OutgoingHttp : IDisposable
{
    private const long LongestAnswer = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly HttpClient _anywhere = NewClient(new SocketsHttpHandler());
    private readonly HttpClient _outside;

    // No proxy: behind one, the server could not check where a name leads.
    public OutgoingHttp(OutgoingOptions options)
    {
        _outside = options.AllowInternalForOrganizations
            ? _anywhere
            : NewClient(new SocketsHttpHandler { UseProxy = false, ConnectCallback = ConnectOutsideAsync });
        Lasting.Timeout = Timeout.InfiniteTimeSpan;
    }

    /// <summary>
    /// For addresses that the server itself has entered, when a request may last for hours. The user of this client must detect stalls.
    /// </summary>
    public HttpClient Lasting { get; } = NewClient(new SocketsHttpHandler());

    /// <summary>For addresses that an organization has entered; for those of the server itself if the id is empty.</summary>
    public HttpClient Of(string organizationId) => organizationId.Length == 0 ? _anywhere : _outside;

    public void Dispose()
    {
        Lasting.Dispose();
        _anywhere.Dispose();
        _outside.Dispose();
    }

    private static HttpClient NewClient(SocketsHttpHandler handler)
    {
        // Redirects are not followed: requests carry passwords, and the target may be inside.
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
