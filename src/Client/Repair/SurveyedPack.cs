using Halley.Client.Repository;
using Halley.Client.Repository.Packs;

namespace Halley.Client.Repair;

/// <summary>What a pack turned out to be.</summary>
internal enum PackState
{
    /// <summary>As the index says.</summary>
    Right,

    /// <summary>Good, but the index does not know it or says something else; its own header is right.</summary>
    Unindexed,

    /// <summary>Damaged; some of its blobs may be good.</summary>
    Damaged,

    /// <summary>The index names it, and it does not exist.</summary>
    Missing,
}

/// <summary>A pack that was looked at.</summary>
/// <param name="Id">Its name.</param>
/// <param name="State">What it is.</param>
/// <param name="Blobs">The good blobs of a pack that the index does not know rightly, or that is damaged.</param>
/// <param name="Reason">What is wrong with it; empty for nothing.</param>
internal sealed record SurveyedPack(BlobId Id, PackState State, IReadOnlyList<PackedBlob> Blobs, string Reason);
