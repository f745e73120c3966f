using System.Text.Json.Serialization;

namespace Halley.Protocol.Comet;

/// <summary>The vendor's description of free space.</summary>
/// <param name="Unlimited">True where the storage has no known limit; never here.</param>
/// <param name="UsedPercent">0 to 100.</param>
/// <param name="AvailableBytes">Bytes that can still be written.</param>
/// <param name="Spanned">The parts, when there are any; left out of each part itself.</param>
public sealed record StorageFreeSpaceInfo(
    bool Unlimited, float UsedPercent, ulong AvailableBytes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SpannedStorageExtraInfo? Spanned = null);

/// <summary>The vendor's description of the parts of spanned storage.</summary>
/// <param name="Targets">One entry per volume.</param>
public sealed record SpannedStorageExtraInfo(IReadOnlyList<StorageFreeSpaceInfo> Targets);
