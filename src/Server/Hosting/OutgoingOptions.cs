namespace Halley.Server.Hosting;

/// <summary>Requests of this server to addresses that somebody has entered (<c>Halley:Outgoing</c>).</summary>
internal sealed class OutgoingOptions
{
    /// <summary>
    /// True allows addresses of organizations (vault templates) to lead inside: loopback, private, link-local. For installations with the
    /// organizations' servers in the same network.
    /// </summary>
    public bool AllowInternalForOrganizations { get; set; }
}
