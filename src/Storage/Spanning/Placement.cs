namespace Halley.Storage.Spanning;

/// <summary>
/// Chooses the volume of a new file at random, weighted by the room left above the reserve. All volumes therefore become full at about the
/// same time, a new and empty disk is not flooded, and a full one gets nothing.
/// </summary>
/// <param name="seed">Start of the sequence of choices.</param>
internal sealed class Placement(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Index of the chosen volume, or -1 when no weight is positive. Needs no lock.</summary>
    public int Choose(ReadOnlySpan<long> room)
    {
        var total = 0.0;
        foreach (var bytes in room)
        {
            total += Math.Max(0, bytes);
        }

        var point = NextFraction() * total;
        var last = -1;
        for (var i = 0; i < room.Length; i++)
        {
            if (room[i] <= 0)
            {
                continue;
            }

            last = i;
            point -= room[i];
            if (point < 0)
            {
                break;
            }
        }

        return last;
    }

    // SplitMix64 over an interlocked counter: a seeded sequence that many threads can draw from.
    private double NextFraction()
    {
        var z = Interlocked.Add(ref _state, 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
