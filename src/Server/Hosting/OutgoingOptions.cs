namespace Halley.Server.Hosting;

/// <summary>Requests that this server makes itself, to addresses that somebody has entered (<c>Halley:Outgoing</c>).</summary>
internal sealed class OutgoingOptions
{
    /// <summary>
    /// True lets also what organizations entered (vault templates) lead to addresses inside: loop-back, private, link-local. For set-ups in
    /// which the servers of organizations stand in the same network.
    /// </summary>
    public bool AllowInternalForOrganizations { get; set; }
}
