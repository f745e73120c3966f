using Halley.Storage.Trash;

namespace Halley.Storage.Spanning;

/// <summary>
/// Who takes a file away, or moves it from one volume to another, does so under its gate: otherwise a file that a client deletes while it
/// is being moved would come back on the other volume. Readers and uploads need no gate.
/// </summary>
internal sealed class BlobGates
{
    private const int Count = 256;
    private readonly Lock[] _gates = [.. Enumerable.Range(0, Count).Select(_ => new Lock())];

    /// <summary>The gate of a file in the trash: that of the file it was.</summary>
    public Lock Of(HeldPath file) =>
        file.Path.Split(['/', '\\'], 3) is ["files", var bucketId, var held] && HeldName.Parse(held.Replace('\\', '/')) is { } name
            ? Of(bucketId, name.Name)
            : _gates[0];

    /// <summary>The gate of a file. Several files share one, so nobody may hold two.</summary>
    public Lock Of(string bucketId, BlobName name) => _gates[(uint)HashCode.Combine(bucketId, name) % Count];
}
