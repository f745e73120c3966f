using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Halley.Server.Hosting;

/// <summary>
/// Closes connections beyond the limits in the loop that accepts them. Connection middleware would be too late: it runs on the thread pool,
/// and a burst takes every descriptor of the process before it gets its turn.
/// </summary>
internal sealed class LimitedConnectionListenerFactory(SocketTransportFactory sockets, ConnectionLimits limits)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new LimitedConnectionListener(await sockets.BindAsync(endpoint, cancellationToken), limits);

    private sealed class LimitedConnectionListener(IConnectionListener listener, ConnectionLimits limits) : IConnectionListener
    {
        public EndPoint EndPoint => listener.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await listener.AcceptAsync(cancellationToken) is { } connection)
            {
                if (limits.TryEnter(connection))
                {
                    return connection;
                }

                connection.Abort();
                await connection.DisposeAsync();
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => listener.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => listener.DisposeAsync();
    }
}
