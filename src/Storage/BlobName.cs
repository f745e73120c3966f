using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Halley.Storage;

/// <summary>
/// Name of a file in a vault: its type and, except for <c>config</c>, the SHA-256 of its content as 64 lower-case hex digits.
/// </summary>
public readonly record struct BlobName
{
    /// <summary>Number of hex digits in an id.</summary>
    public const int IdLength = 64;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private static readonly string[] TypeNames = ["config", "data", "index", "keys", "locks", "snapshots", "packindex"];

    private BlobName(BlobType type, string id)
    {
        Type = type;
        Id = id;
    }

    /// <summary>The vault's only config file.</summary>
    public static BlobName Config { get; } = new(BlobType.Config, "");

    /// <summary>The collections of a vault, in the order in which they are listed and measured.</summary>
    public static IReadOnlyList<BlobType> Collections { get; } =
        [BlobType.Data, BlobType.Index, BlobType.Keys, BlobType.Locks, BlobType.Snapshots, BlobType.PackIndex];

    /// <summary>The kind of file.</summary>
    public BlobType Type { get; }

    /// <summary>64 lower-case hex digits; empty for <see cref="Config"/>.</summary>
    public string Id { get; }

    /// <summary>Makes a name of a collection's file.</summary>
    /// <exception cref="ArgumentException">The type is config or the id is not 64 lower-case hex digits.</exception>
    public static BlobName Of(BlobType type, string id) =>
        type != BlobType.Config && IsId(id)
            ? new BlobName(type, id)
            : throw new ArgumentException($"'{id}' is not an id of {NameOf(type)}: 64 lower-case hex digits are needed.", nameof(id));

    /// <summary>True for exactly 64 lower-case hex digits.</summary>
    public static bool IsId(ReadOnlySpan<char> text) => text.Length == IdLength && !text.ContainsAnyExcept(HexDigits);

    /// <summary>The folder of a type on disk and in URLs.</summary>
    public static string NameOf(BlobType type) => TypeNames[(int)type];

    /// <summary>The collection of that folder name; false for <c>config</c> and for anything else.</summary>
    public static bool TryParseCollection(ReadOnlySpan<char> folder, [NotNullWhen(true)] out BlobType? type)
    {
        foreach (var candidate in Collections)
        {
            if (folder.SequenceEqual(NameOf(candidate)))
            {
                type = candidate;
                return true;
            }
        }

        type = null;
        return false;
    }

    /// <summary>The name as it stands in a URL: <c>config</c> or <c>type/id</c>.</summary>
    public override string ToString() => Type == BlobType.Config ? "config" : $"{NameOf(Type)}/{Id}";
}
