namespace Halley.Server.StorageRole.Transfers;

/// <summary>
/// Changes the addresses of buckets that clients use. The Storage Role knows no accounts: the feature that keeps the addresses implements
/// it.
/// </summary>
internal abstract class VaultAddresses
{
    /// <summary>Changes address and id of a bucket wherever they are stored, and nothing else.</summary>
    public abstract Task<AddressesSwitched> SwitchAsync(BucketMove move, string actor, CancellationToken cancellationToken);
}

/// <summary>A bucket that has moved.</summary>
/// <param name="FromServers">Addresses under which devices reached it.</param>
/// <param name="FromBucket">Its id there.</param>
/// <param name="ToServer">The address under which they reach it now.</param>
/// <param name="ToBucket">Its id now.</param>
internal sealed record BucketMove(IReadOnlyList<string> FromServers, string FromBucket, string ToServer, string ToBucket);

/// <summary>How many accounts have the new address, and why others were not changed.</summary>
internal sealed record AddressesSwitched(int Accounts, IReadOnlyList<string> Refusals);
