using Halley.Protocol.Client;
using Halley.Storage.Remote;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Halley.Server.Tests.StorageRole;

/// <summary>A server on a socket of its own that answers as a test wants: for what a Halley server never does.</summary>
internal sealed class HttpPeer : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    private HttpPeer(WebApplication server) => _server = server;

    public Uri Address => new(_server.Urls.Single() + "/");

    public static async Task<HttpPeer> StartAsync(RequestDelegate handle, HttpProtocols protocols = HttpProtocols.Http1)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = protocols));
        var server = builder.Build();
        server.Run(handle);
        await server.StartAsync();
        return new HttpPeer(server);
    }

    public VaultBlobStore OpenVault(TimeProvider? time = null) => new(_client, Address, "bucket", "secret", time ?? TimeProvider.System);

    public HalleyClient OpenApi(TimeProvider? time = null) => new(_client, Address, time ?? TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }
}
