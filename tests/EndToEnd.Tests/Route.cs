namespace Halley.EndToEnd.Tests;

/// <summary>The way from a client to the server: straight, or through a proxy with its shipped configuration and TLS.</summary>
internal sealed class Route : IAsyncDisposable
{
    public const string Direct = "direct";
    public const string Nginx = "nginx";
    public const string HaProxy = "haproxy";

    private readonly IAsyncDisposable? _proxy;

    private Route(Uri address, string? certificateFile = null, IAsyncDisposable? proxy = null)
    {
        Address = address;
        CertificateFile = certificateFile;
        _proxy = proxy;
    }

    public Uri Address { get; }

    public string? CertificateFile { get; }

    public static async Task<Route> OpenAsync(string name, Uri server)
    {
        switch (name)
        {
            case Direct:
                return new Route(server);
            case Nginx:
                var nginx = await NginxProxy.StartAsync(server);
                return new Route(nginx.Address, nginx.CertificateFile, nginx);
            case HaProxy:
                var haProxy = await Testing.HaProxy.StartAsync(server);
                return new Route(haProxy.Address, haProxy.CertificateFile, haProxy);
            default:
                throw new ArgumentOutOfRangeException(nameof(name), name, "No such route.");
        }
    }

    /// <summary>Before two instances, of which the first has the storage.</summary>
    public static async Task<Route> OpenAsync(string name, Uri first, Uri second)
    {
        switch (name)
        {
            case Nginx:
                var nginx = await NginxProxy.StartAsync(first, second);
                return new Route(nginx.Address, nginx.CertificateFile, nginx);
            case HaProxy:
                var haProxy = await Testing.HaProxy.StartAsync(first, second);
                return new Route(haProxy.Address, haProxy.CertificateFile, haProxy);
            default:
                throw new ArgumentOutOfRangeException(nameof(name), name, "No such route.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }
    }
}
