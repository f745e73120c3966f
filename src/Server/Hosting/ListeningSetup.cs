using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using IPAddress = System.Net.IPAddress;
using IPNetwork = System.Net.IPNetwork;

namespace Halley.Server.Hosting;

internal static class ListeningSetup
{
    private static readonly string[] AddressKeys = ["urls", "http_ports", "https_ports"];

    public const string DefaultUrl = "http://127.0.0.1:8060";

    public static void AddListening(this WebApplicationBuilder builder, HalleyOptions options)
    {
        var tls = builder.AddOptionsOf<TlsOptions>("Tls");
        if (!IsAddressGiven(builder.Configuration))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        CheckAddresses(builder, tls);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            SetLimits(kestrel.Limits);
            var connections = kestrel.ApplicationServices.GetRequiredService<ConnectionLimits>();
            kestrel.ConfigureEndpointDefaults(listen => listen.Use(next => connection => connections.RunAsync(connection, next)));
            kestrel.ConfigureHttpsDefaults(https =>
            {
                var certificates = kestrel.ApplicationServices.GetRequiredService<TlsCertificates>();
                if (certificates.Current is { } certificate)
                {
                    https.ServerCertificate = certificate.Certificate;
                    https.ServerCertificateChain = certificate.Chain;
                    https.OnAuthenticate = (_, connection) => certificates.Present(connection);
                }
            });
        });
        builder.Services.AddSingleton<TlsCertificates>();
        builder.Services.AddHostedService<HangUp>();
        builder.Services.AddSingleton<ConnectionLimits>();
        builder.Services.AddSingleton<SocketTransportFactory>();
        builder.Services.AddSingleton<IConnectionListenerFactory, LimitedConnectionListenerFactory>();
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BlockPoolFactory>();
        builder.Services.Configure<ForwardedHeadersOptions>(forwarded => Trust(forwarded, options.TrustedProxies));
    }

    private static bool IsAddressGiven(ConfigurationManager configuration) =>
        AddressKeys.Any(key => !string.IsNullOrEmpty(configuration[key]))
        || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();

    private static void CheckAddresses(WebApplicationBuilder builder, TlsOptions tls)
    {
        var needsCertificate = !string.IsNullOrEmpty(builder.Configuration["https_ports"]);
        foreach (var url in (builder.Configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            if (TryParse(url.Trim()) is not { } address)
            {
                builder.RefuseSetting(
                    "urls", $"must be addresses such as http://127.0.0.1:8060 or https://*:443, which {url.Trim()} is not");
                continue;
            }

            needsCertificate |= address.Scheme.Equals(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase);
        }

        if (needsCertificate && tls.CertificatePath is null && !builder.Configuration.GetSection("Kestrel:Certificates").Exists())
        {
            builder.RefuseSetting("Halley:Tls:CertificatePath", "must be given, because the server is to listen on an https:// address");
        }
    }

    private static BindingAddress? TryParse(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            var isHttp = address.Scheme.ToUpperInvariant() is "HTTP" or "HTTPS";
            return isHttp && address.Port <= ushort.MaxValue ? address : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    // A backup over a slow or briefly stalled line must not be cut: no minimum rate for uploads, almost none for downloads. Keep-alive is
    // longer than the usual 60 to 120 s of proxies in front, so the server never closes a connection that a proxy is about to use.
    private static void SetLimits(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = null; // BodyLimit limits them
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 1, gracePeriod: TimeSpan.FromMinutes(5));
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(120);
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        limits.Http2.InitialConnectionWindowSize = 4 * 1024 * 1024;
        limits.Http2.InitialStreamWindowSize = 1024 * 1024;
    }

    // No proxy is trusted unless it is named: with the framework's default, a program on the same machine could forge any address.
    private static void Trust(ForwardedHeadersOptions forwarded, string[] proxies)
    {
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        forwarded.ForwardLimit = null;
        forwarded.ForwardedHeaders = proxies.Length == 0
            ? ForwardedHeaders.None
            : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
        foreach (var proxy in proxies)
        {
            if (IPAddress.TryParse(proxy, out var address))
            {
                forwarded.KnownProxies.Add(address);
            }
            else if (IPNetwork.TryParse(proxy, out var network))
            {
                forwarded.KnownIPNetworks.Add(network);
            }
        }
    }
}
