namespace Halley.Protocol;

/// <summary>A template from which vaults are created on request.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Description">Name for people.</param>
/// <param name="Type"><c>comet</c> for a bucket on this or another server, <c>custom</c> for storage that a web address creates.</param>
/// <param name="IsThisServer">True for a bucket on this server; a request then states the address for devices.</param>
/// <param name="LimitBytes">Most bytes of a vault; null for no limit.</param>
public sealed record VaultTemplateInfo(string Id, string Description, string Type, bool IsThisServer, long? LimitBytes);

/// <summary>Requests a vault for an account. With a hash and sealed keys, the server never sees a key (decision 0007).</summary>
/// <param name="TemplateId">Id of the template.</param>
/// <param name="SelfAddress">
/// Address of this server as devices reach it; needed for templates on this server unless Halley:PublicUrl is set.
/// </param>
/// <param name="DeviceId">Device that is to use the vault; null for any.</param>
/// <param name="Name">Name of the vault, at most 200 characters; null for the description of the template.</param>
/// <param name="KeyHash">
/// Hash of the bucket's key that the device has made, of format 1 as in <see cref="CreateBucket"/>; null when the server is to make it.
/// Then both sealed keys are needed. A <c>custom</c> template makes its own key all the same.
/// </param>
/// <param name="SealedBucketKey">That key, sealed with the account's R-key.</param>
/// <param name="SealedVaultKey">The key of the vault (E-key), sealed with the account's R-key.</param>
public sealed record RequestVault(
    string? TemplateId, string? SelfAddress = null, string? DeviceId = null, string? Name = null, string? KeyHash = null,
    string? SealedBucketKey = null, string? SealedVaultKey = null);

/// <summary>A new vault; the ETag of the response identifies the state of the profile that has it.</summary>
/// <param name="VaultId">Its id in the profile.</param>
/// <param name="DestinationType">Kind of storage, 1003 for a bucket.</param>
/// <param name="Server">Address of the server the bucket is on; empty for other kinds.</param>
/// <param name="Bucket">Id of the bucket; empty for other kinds.</param>
public sealed record VaultRequested(string VaultId, ulong DestinationType, string Server, string Bucket);
