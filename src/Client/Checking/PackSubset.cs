using Halley.Client.Repository;

namespace Halley.Client.Checking;

/// <summary>The packs of a vault that a check reads.</summary>
public sealed class PackSubset
{
    private readonly Func<IReadOnlyList<StoredPack>, IEnumerable<StoredPack>> _choose;

    private PackSubset(Func<IReadOnlyList<StoredPack>, IEnumerable<StoredPack>> choose) => _choose = choose;

    /// <summary>All packs.</summary>
    public static PackSubset All { get; } = new(packs => packs);

    /// <summary>One of several groups, which together are all packs; restic divides packs in the same way.</summary>
    /// <param name="group">From 1 to <paramref name="groups"/>.</param>
    /// <param name="groups">How many groups there are: 1 to 256, since packs are divided by the first byte of their name.</param>
    public static PackSubset Group(int group, int groups) =>
        new(packs => packs.Where(pack => pack.Id.FirstByte % groups == group - 1));

    /// <summary>Packs at random, at least one.</summary>
    /// <param name="percent">How many of all packs, above 0 and at most 100.</param>
    /// <param name="random">Chooses them.</param>
    public static PackSubset Percentage(double percent, Random random) =>
        new(packs => Shuffled(packs, random).Take(Math.Max(1, (int)(packs.Count * percent / 100))));

    /// <summary>Packs at random, as many as do not exceed a size, but at least one.</summary>
    /// <param name="bytes">The size, above 0.</param>
    /// <param name="random">Chooses them.</param>
    public static PackSubset Size(long bytes, Random random) => new(packs =>
    {
        var sum = 0L;
        return Shuffled(packs, random).TakeWhile((pack, number) => (sum += pack.Size) <= bytes || number == 0);
    });

    /// <summary>The chosen ones, in the order of their names.</summary>
    internal List<BlobId> Choose(IReadOnlyList<StoredPack> packs) => [.. _choose(packs).Select(pack => pack.Id).Order()];

    private static StoredPack[] Shuffled(IReadOnlyList<StoredPack> packs, Random random)
    {
        var shuffled = packs.ToArray();
        random.Shuffle(shuffled);
        return shuffled;
    }
}

/// <summary>A pack as the store lists it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Size">Its length in bytes.</param>
internal readonly record struct StoredPack(BlobId Id, long Size);
