using Halley.Protocol.Organizations;
using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.Access;

namespace Halley.Server.AuthRole.VaultRequests;

/// <summary>Creates the storage of a requested vault: a bucket here, a bucket on another server, or storage from a web address.</summary>
internal abstract class VaultProvider
{
    /// <summary>The code of every failure to make storage.</summary>
    public const string NotMade = "vault_not_made";

    /// <summary>True when this provider is the one for the template.</summary>
    public abstract bool Serves(RemoteStorageOption template);

    /// <summary>Makes the storage. A failure leaves nothing behind.</summary>
    public abstract Task<Outcome<VaultPlace>> MakeAsync(
        RemoteStorageOption template, RequestedVault request, CancellationToken cancellationToken);

    /// <summary>Returns why a template of an organization would not work, as far as this shows without making anything, or null.</summary>
    public abstract Task<string?> TestAsync(RemoteStorageOption template, string organizationId, CancellationToken cancellationToken);

    protected static Refusal Failed(string reason) => Refusal.Unavailable(NotMade, reason);
}

/// <summary>The request that storage is made for.</summary>
/// <param name="SelfAddress">Address of this server as devices reach it; null when the template does not need it.</param>
/// <param name="OrganizationId">Organization of the account, which owns the template.</param>
/// <param name="Actor">Name of the caller.</param>
/// <param name="KeyHash">Hash of the bucket's key, which the device has made; null when the provider is to make it.</param>
internal sealed record RequestedVault(Uri? SelfAddress, string OrganizationId, string Actor, string? KeyHash = null);

/// <summary>Storage that was made. Its location has no key when the device has made that.</summary>
/// <param name="WithdrawAsync">Deletes it again when the vault could not be saved after all; null when that is not possible.</param>
internal sealed record VaultPlace(DestinationLocation Location, Func<CancellationToken, Task>? WithdrawAsync = null);
