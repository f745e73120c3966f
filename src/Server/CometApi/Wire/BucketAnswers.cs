using Halley.Protocol.Profiles;

namespace Halley.Server.CometApi.Wire;

/// <summary>The vendor's description of a bucket.</summary>
/// <param name="OrganizationID">Tenant the bucket belongs to; empty for the top-level one.</param>
/// <param name="CreateTime">Unix seconds.</param>
/// <param name="ReadWriteKeyFormat">Format of <paramref name="ReadWriteKey"/>; 1 = bcrypt over base64(SHA-512(key text)).</param>
/// <param name="ReadWriteKey">Hash of the bucket's oldest key; empty when it has none.</param>
/// <param name="Size">Its size as last measured.</param>
internal sealed record BucketProperties(
    string OrganizationID, long CreateTime, int ReadWriteKeyFormat, string ReadWriteKey, SizeMeasurement Size);

/// <summary>The vendor's response to the creation of a bucket.</summary>
/// <param name="Status">Always 200.</param>
/// <param name="Message">Always "OK".</param>
/// <param name="NewBucketID">Its id.</param>
/// <param name="NewBucketKey">Its pre-shared key, shown once; empty when the caller sent a hash.</param>
internal sealed record AddBucketResponseMessage(int Status, string Message, string NewBucketID, string NewBucketKey);

/// <summary>The vendor's description of free space.</summary>
/// <param name="Unlimited">True where the storage has no known limit; never here.</param>
/// <param name="UsedPercent">0 to 100.</param>
/// <param name="AvailableBytes">Bytes that can still be written.</param>
internal sealed record StorageFreeSpaceInfo(bool Unlimited, float UsedPercent, ulong AvailableBytes)
{
    /// <summary>The parts; none in a part.</summary>
    public SpannedStorageExtraInfo Spanned { get; init; } = new([]);

    public B2StorageExtraInfo B2 { get; init; } = new(new Dictionary<long, object>());
}

/// <summary>The vendor's description of the parts of spanned storage.</summary>
/// <param name="Targets">One entry per volume.</param>
internal sealed record SpannedStorageExtraInfo(IReadOnlyList<StorageFreeSpaceInfo> Targets);

/// <summary>The vendor's description of storage at Backblaze, which this server does not have.</summary>
/// <param name="TotalTransactionsInTimeInterval">Always empty.</param>
internal sealed record B2StorageExtraInfo(IReadOnlyDictionary<long, object> TotalTransactionsInTimeInterval);
