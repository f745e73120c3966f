namespace Halley.Server.StorageRole.Transfers;

/// <summary>Where the addresses of buckets stand that clients use: the Storage Role knows no accounts.</summary>
internal abstract class VaultAddresses
{
    /// <summary>Changes address and id of a bucket wherever they stand, and nothing else.</summary>
    public abstract Task<AddressesSwitched> SwitchAsync(BucketMove move, string actor, CancellationToken cancellationToken);
}

/// <summary>A bucket that is somewhere else now.</summary>
/// <param name="FromServers">Addresses under which devices reached it.</param>
/// <param name="FromBucket">Its id there.</param>
/// <param name="ToServer">The address under which they reach it now.</param>
/// <param name="ToBucket">Its id now.</param>
internal sealed record BucketMove(IReadOnlyList<string> FromServers, string FromBucket, string ToServer, string ToBucket);

/// <summary>How many accounts have the new address, and why some have not.</summary>
internal sealed record AddressesSwitched(int Accounts, IReadOnlyList<string> Refusals);
