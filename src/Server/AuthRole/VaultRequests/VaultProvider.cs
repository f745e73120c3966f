using Halley.Protocol.Comet;

namespace Halley.Server.AuthRole.VaultRequests;

/// <summary>Makes the place for a requested vault: a bucket here, a bucket on another server, whatever a web address answers.</summary>
internal abstract class VaultProvider
{
    /// <summary>True when this provider is the one for the template.</summary>
    public abstract bool Serves(RemoteStorageOption template);

    /// <summary>Makes a place, or says why not. When it fails, nothing is left behind.</summary>
    public abstract Task<VaultPlace> MakeAsync(RemoteStorageOption template, RequestedVault request, CancellationToken cancellationToken);

    /// <summary>Whether the template of an organization would work, as far as that can be seen without making anything; why not, or null.</summary>
    public abstract Task<string?> TestAsync(RemoteStorageOption template, string organizationId, CancellationToken cancellationToken);
}

/// <summary>What a place is for.</summary>
/// <param name="SelfAddress">Address of this server as devices reach it; null when the template does not need it.</param>
/// <param name="OrganizationId">Tenant of the account, whose template it is.</param>
/// <param name="Actor">Who asks for it.</param>
internal sealed record RequestedVault(Uri? SelfAddress, string OrganizationId, string Actor);

/// <summary>A place that was made, or why there is none.</summary>
/// <param name="WithdrawAsync">Deletes it again, when the vault could not be saved after all.</param>
internal sealed record VaultPlace(DestinationLocation? Location, string? Refusal, Func<CancellationToken, Task>? WithdrawAsync = null)
{
    public static VaultPlace Refused(string refusal) => new(null, refusal);
}
