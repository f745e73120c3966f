namespace Halley.Server.StorageRole.Transfers;

/// <summary>What a transfer was asked for.</summary>
/// <param name="Server">Address of the other server, with a slash at its end.</param>
/// <param name="BucketId">Id of the bucket there.</param>
/// <param name="DeviceAddress">Address of the other server as devices reach it.</param>
/// <param name="SwitchProfiles">True to put it into the profiles.</param>
/// <param name="OwnAddresses">Addresses of this server that stand there now.</param>
internal sealed record TransferParameters(
    string Server, string BucketId, string DeviceAddress, bool SwitchProfiles, IReadOnlyList<string> OwnAddresses);

/// <summary>What a transfer has made on the other server.</summary>
/// <param name="FirstKey">The key that a new bucket came with and that nobody needs; null when it is gone.</param>
/// <param name="Keys">Which key there is which key here.</param>
internal sealed record TransferCheckpoint(Guid? FirstKey, IReadOnlyDictionary<Guid, Guid> Keys)
{
    public static TransferCheckpoint Empty { get; } = new(null, new Dictionary<Guid, Guid>());
}
