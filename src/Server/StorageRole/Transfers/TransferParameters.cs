namespace Halley.Server.StorageRole.Transfers;

/// <summary>The request of a transfer, checked.</summary>
/// <param name="Server">Address of the other server, with a slash at its end.</param>
/// <param name="BucketId">Id of the bucket there.</param>
/// <param name="DeviceAddress">Address of the other server as devices reach it.</param>
/// <param name="SwitchProfiles">True to change the address in the profiles.</param>
/// <param name="OwnAddresses">Addresses of this server that the profiles contain now.</param>
internal sealed record TransferParameters(
    string Server, string BucketId, string DeviceAddress, bool SwitchProfiles, IReadOnlyList<string> OwnAddresses);

/// <summary>The objects that a transfer has created on the other server.</summary>
/// <param name="FirstKey">The first key of a new bucket, which is never used; null once it is revoked.</param>
/// <param name="Keys">The keys there, by the keys here that they copy.</param>
internal sealed record TransferCheckpoint(Guid? FirstKey, IReadOnlyDictionary<Guid, Guid> Keys)
{
    public static TransferCheckpoint Empty { get; } = new(null, new Dictionary<Guid, Guid>());
}
