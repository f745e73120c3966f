namespace Halley.Server.AuthRole.VaultRequests;

/// <summary>Vaults that are made on request (<c>Halley:VaultRequests</c>).</summary>
internal sealed class VaultRequestOptions
{
    public const string Section = "VaultRequests";

    /// <summary>
    /// True accepts a loop-back, unspecified or link-local address as this server's own. No device but this one reaches a vault there, so it is for tests.
    /// </summary>
    public bool AllowLoopback { get; set; }
}
