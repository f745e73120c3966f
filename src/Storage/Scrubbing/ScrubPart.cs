using System.Globalization;
using Halley.Storage.Spanning;

namespace Halley.Storage.Scrubbing;

/// <summary>
/// A unit of verification of a bucket: one of the 256 folders of its data, another collection, or its config together with its own folder.
/// Parts are numbered, so the times of their last verification are a short row of numbers.
/// </summary>
public readonly record struct ScrubPart
{
    private const int Fans = 256;
    private static readonly BlobType[] Others =
        [BlobType.Config, BlobType.Index, BlobType.Keys, BlobType.Locks, BlobType.Snapshots, BlobType.PackIndex];

    private ScrubPart(int index) => Index = index;

    /// <summary>All parts of a bucket in the order of their numbers.</summary>
    public static IReadOnlyList<ScrubPart> All { get; } =
        [.. Enumerable.Range(0, Fans + Others.Length).Select(index => new ScrubPart(index))];

    /// <summary>Its number, from 0.</summary>
    public int Index { get; }

    /// <summary>The type of its files.</summary>
    public BlobType Type => Index < Fans ? BlobType.Data : Others[Index - Fans];

    /// <summary>The first two digits of the ids in a part of the data; empty for the others.</summary>
    public string Digits => Index < Fans ? Index.ToString("x2", CultureInfo.InvariantCulture) : "";

    /// <summary>The part that a file belongs to.</summary>
    public static ScrubPart Of(BlobName name) => All[name.Type == BlobType.Data
        ? int.Parse(name.Id.AsSpan(0, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        : Fans + Array.IndexOf(Others, name.Type)];

    /// <summary>The part that is a folder.</summary>
    public static ScrubPart Of(UnreadableFolder folder) => All.First(part => part.Type == folder.Type && part.Digits == folder.Digits);

    /// <summary>The folder below the bucket's own; empty for that one.</summary>
    public string Folder => Type switch
    {
        BlobType.Config => "",
        BlobType.Data => $"data/{Digits}",
        var type => BlobName.NameOf(type),
    };
}
