using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Organizations;

namespace Halley.Server.AuthRole.VaultRequests;

/// <summary>Asks for a vault.</summary>
/// <param name="Username">The account that gets it.</param>
/// <param name="Scope">What the caller may see.</param>
/// <param name="Actor">Name of the caller.</param>
/// <param name="TemplateId">Id of the template.</param>
/// <param name="SelfAddress">Address of this server as devices reach it, or empty.</param>
/// <param name="DeviceId">Device that is to use the vault, or empty.</param>
/// <param name="RequiredHash">State the profile must be in; null for any.</param>
/// <param name="ByUser">True when the user asks for himself: then his policy counts.</param>
/// <param name="AllowedTypes">The only kinds of storage the caller may use; null for any.</param>
internal sealed record VaultRequest(
    string Username, TenantScope Scope, string Actor, string TemplateId, string SelfAddress = "", string DeviceId = "", string? RequiredHash = null,
    bool ByUser = false, IReadOnlyList<ulong>? AllowedTypes = null);

internal enum VaultRequestResult
{
    Made,
    UnknownAccount,
    UnknownTemplate,

    /// <summary>The profile is no longer in the state whose hash the caller gave.</summary>
    Stale,

    /// <summary>A policy or permission does not allow it.</summary>
    Forbidden,

    /// <summary>Something in the request cannot be.</summary>
    Refused,

    /// <summary>The other side did not make a place.</summary>
    ProviderFailed,
}

/// <summary>How a request ended: id of the vault and the profile that has it, or why there is none.</summary>
internal sealed record VaultRequestOutcome(VaultRequestResult Result, string VaultId = "", StoredProfile? Stored = null, string? Reason = null)
{
    public static readonly VaultRequestOutcome Stale = new(
        VaultRequestResult.Stale, Reason: "The profile has changed; read it again and repeat the request");

    public static VaultRequestOutcome Refused(VaultRequestResult result, string reason) => new(result, Reason: reason);
}
