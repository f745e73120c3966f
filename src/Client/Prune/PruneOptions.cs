using System.Globalization;
using Halley.Client.Repository;

namespace Halley.Client.Prune;

/// <summary>How much room of unused data may stay: <c>--max-unused</c>.</summary>
/// <param name="Bytes">Bytes; null for none in bytes.</param>
/// <param name="Percent">A part of the vault as it is afterwards; null for none in percent. Neither is no limit.</param>
public readonly record struct UnusedLimit(long? Bytes, double? Percent)
{
    /// <summary>Unused data alone never makes a pack be written again.</summary>
    public static UnusedLimit Unlimited => default;

    /// <summary>Five percent, as in restic.</summary>
    public static UnusedLimit Default => new(null, 5);

    /// <summary>Reads <c>5%</c>, <c>200M</c>, <c>1.5G</c> or <c>unlimited</c>.</summary>
    public static bool TryParse(string text, out UnusedLimit limit)
    {
        ArgumentNullException.ThrowIfNull(text);
        limit = Unlimited;
        if (text == "unlimited")
        {
            return true;
        }

        if (text.EndsWith('%'))
        {
            var isNumber = double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent);
            limit = new(null, percent);
            return isNumber && percent is >= 0 and <= 100;
        }

        var isSize = TryParseSize(text, out var bytes);
        limit = new(bytes, null);
        return isSize;
    }

    /// <summary>Reads a number of bytes, with k, m, g or t for powers of 1024: <c>200M</c>.</summary>
    public static bool TryParseSize(string text, out long bytes)
    {
        ArgumentNullException.ThrowIfNull(text);
        var unit = text.Length == 0 ? -1 : "kmgt".IndexOf(char.ToLowerInvariant(text[^1]), StringComparison.Ordinal);
        var isNumber = decimal.TryParse(
            unit < 0 ? text : text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        number *= 1L << (10 * (unit + 1));
        bytes = isNumber && number <= long.MaxValue ? (long)number : 0;
        return isNumber && number <= long.MaxValue;
    }

    internal long BytesFor(long usedBytes) => (Bytes, Percent) switch
    {
        ({ } bytes, _) => bytes,
        (_, { } percent and < 100) => (long)Math.Min(usedBytes * percent / (100 - percent), long.MaxValue / 2),
        _ => long.MaxValue,
    };
}

/// <summary>How far a prune goes.</summary>
public sealed record PruneOptions
{
    /// <summary>Only say what would be done.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>How much unused data may stay in packs that are partly used.</summary>
    public UnusedLimit MaxUnused { get; init; } = UnusedLimit.Default;

    /// <summary>Most bytes of packs that are written again; null for no limit.</summary>
    public long? MaxRepackBytes { get; init; }

    /// <summary>Write only packs of directories again, of which a local cache has copies, so that little is downloaded.</summary>
    public bool RepacksCacheableOnly { get; init; }

    /// <summary>Join packs that are much smaller than packs should be.</summary>
    public bool RepacksSmall { get; init; }

    /// <summary>Compress what a program without compression stored. What does not become smaller stays as it is.</summary>
    public bool RepacksUncompressed { get; init; }

    /// <summary>Snapshots to be taken for deleted, so that a dry run can say what forgetting them would give.</summary>
    public IReadOnlySet<BlobId> Forgotten { get; init; } = new HashSet<BlobId>();

    /// <summary>Receives how far it has come, from one thread at a time.</summary>
    public Action<PruneProgress>? OnProgress { get; init; }
}

/// <summary>The parts of a prune.</summary>
public enum PruneStage
{
    /// <summary>Reading directories to find what is used.</summary>
    Reading,

    /// <summary>Writing packs again.</summary>
    Repacking,

    /// <summary>Deleting packs.</summary>
    Deleting,

    /// <summary>Renewing the lists of the packs of snapshots.</summary>
    Listing,
}

/// <summary>How far a prune has come.</summary>
/// <param name="Stage">At which part it is.</param>
/// <param name="Done">Directories, packs or snapshots done.</param>
/// <param name="Total">Those to do; null while it is unknown.</param>
public readonly record struct PruneProgress(PruneStage Stage, int Done, int? Total);

/// <summary>A number of things and their bytes.</summary>
/// <param name="Count">The number.</param>
/// <param name="Bytes">The bytes.</param>
public readonly record struct PruneSum(long Count, long Bytes)
{
    internal PruneSum Plus(long bytes) => new(Count + 1, Bytes + bytes);
}

/// <summary>What a prune did, or would do.</summary>
public sealed record PruneResult
{
    /// <summary>Blobs that snapshots need.</summary>
    public PruneSum UsedBlobs { get; init; }

    /// <summary>Blobs that no snapshot needs.</summary>
    public PruneSum UnusedBlobs { get; init; }

    /// <summary>Further copies of used blobs.</summary>
    public PruneSum DuplicateBlobs { get; init; }

    /// <summary>Packs that stay.</summary>
    public PruneSum KeptPacks { get; init; }

    /// <summary>Packs whose used blobs move to new packs.</summary>
    public PruneSum RepackedPacks { get; init; }

    /// <summary>Packs without anything used.</summary>
    public PruneSum DeletedPacks { get; init; }

    /// <summary>Packs that no index names, left by interrupted programs; they go, too.</summary>
    public PruneSum UnindexedPacks { get; init; }

    /// <summary>Packs without anything used that an index names although they are gone; the index forgets them.</summary>
    public int MissingPacks { get; init; }

    /// <summary>Unused bytes that stay, since removing them is not worth the work.</summary>
    public long UnusedBytesLeft { get; init; }

    /// <summary>Bytes by which the vault becomes smaller, as far as that is known before packs are written again.</summary>
    public long FreedBytes { get; init; }

    /// <summary>Lists of the packs of snapshots that were written; 0 in a dry run.</summary>
    public int PackIndexesWritten { get; init; }
}
