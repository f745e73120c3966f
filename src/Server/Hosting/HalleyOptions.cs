using System.ComponentModel.DataAnnotations;

namespace Halley.Server.Hosting;

/// <summary>The settings directly under <c>Halley:</c>.</summary>
internal sealed partial class HalleyOptions
{
    /// <summary>Where everything of this server is kept; relative to the directory the server is started in.</summary>
    [Required(ErrorMessage = "must be a directory, for example ./halley-data")]
    public string DataDirectory { get; set; } = "./halley-data";

    /// <summary>
    /// Where the keys are that protect secrets in the database and in Redis: the same for all instances. By default <c>keys</c> in the data
    /// directory.
    /// </summary>
    public string? KeysDirectory { get; set; }

    /// <summary>Address under which people reach the server, when a proxy stands before it; used in links.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>Proxies whose X-Forwarded-* headers are believed: addresses or networks such as 10.0.0.0/8. None by default.</summary>
    public string[] TrustedProxies { get; set; } = [];

    public string AbsoluteDataDirectory => Path.GetFullPath(DataDirectory);
}
