using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Halley.Server.Hosting;

/// <summary>The settings directly below <c>Halley:</c>.</summary>
internal sealed partial class HalleyOptions
{
    /// <summary>The directory for all data of this server; relative to the working directory.</summary>
    [Required(ErrorMessage = "must be a directory, for example ./halley-data")]
    public string DataDirectory { get; set; } = "./halley-data";

    /// <summary>
    /// The directory of the keys that encrypt secrets in the database and in Redis; all instances need the same keys. By default
    /// <c>keys</c> in the data directory.
    /// </summary>
    public string? KeysDirectory { get; set; }

    /// <summary>
    /// The directory with packages of the client, as <c>deploy/build-packages.sh</c> makes it; its packages are served to everybody. Null
    /// for none.
    /// </summary>
    public string? PackagesDirectory { get; set; }

    /// <summary>The address under which people reach the server behind a proxy; used in links.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>Proxies whose X-Forwarded-* headers are trusted: addresses or networks such as 10.0.0.0/8. None by default.</summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>True if an address is one of <see cref="TrustedProxies"/>.</summary>
    public bool TrustsProxy(IPAddress address) => Array.Exists(
        TrustedProxies, proxy => IPAddress.TryParse(proxy, out var one) ? one.Equals(address)
            : IPNetwork.TryParse(proxy, out var network) && network.Contains(address));

    public string AbsoluteDataDirectory => Path.GetFullPath(DataDirectory);
}
