namespace Halley.Storage.Spanning;

/// <summary>
/// Roughly one lock per file. Deletes, and moves from one volume to another, hold it. Otherwise a file that a client deletes while it is
/// being moved would reappear on the other volume. Readers and uploads need no gate.
/// </summary>
internal sealed class BlobGates
{
    private const int Count = 256;
    private readonly Lock[] _gates = [.. Enumerable.Range(0, Count).Select(_ => new Lock())];

    /// <summary>The gate of all files whose bucket was deleted as a whole.</summary>
    public Lock OfDiscarded => _gates[0];

    /// <summary>The gate of a file. Several files share one, so a caller must not hold two.</summary>
    public Lock Of(string bucketId, BlobName name) => _gates[(uint)HashCode.Combine(bucketId, name) % Count];
}
