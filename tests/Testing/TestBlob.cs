using System.Security.Cryptography;
using Halley.Storage;

namespace Halley.Testing;

/// <summary>Content for a store, with the name that belongs to it.</summary>
public sealed record TestBlob(BlobName Name, byte[] Content)
{
    /// <summary>Pseudo-random content; the same seed returns the same content.</summary>
    public static TestBlob Of(BlobType type, int length, int seed)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        return Of(type, content);
    }

    public static TestBlob Of(BlobType type, byte[] content) =>
        new(type == BlobType.Config ? BlobName.Config : BlobName.Of(type, Convert.ToHexStringLower(SHA256.HashData(content))), content);

    public async Task<PutOutcome> PutAsync(IBlobStore store) =>
        (await store.PutAsync(Name, new MemoryStream(Content, writable: false), Content.Length, CancellationToken.None)).Outcome;

    /// <summary>The content that a store has under this name; null when it has none.</summary>
    public async Task<byte[]?> ReadAsync(IBlobStore store)
    {
        using var reader = await store.OpenAsync(Name, CancellationToken.None);
        return reader is null ? null : await ReadAsync(reader);
    }

    public static async Task<byte[]> ReadAsync(BlobReader reader)
    {
        var content = new byte[reader.Length];
        for (var offset = 0; offset < content.Length;)
        {
            var read = await reader.ReadAsync(offset, content.AsMemory(offset), CancellationToken.None);
            offset += read > 0 ? read : throw new EndOfStreamException($"The reader ended at {offset} of {content.Length}.");
        }

        return content;
    }

    public static async Task<List<BlobEntry>> ListAsync(IBlobStore store, BlobType type)
    {
        var entries = new List<BlobEntry>();
        await foreach (var entry in store.ListAsync(type, CancellationToken.None))
        {
            entries.Add(entry);
        }

        return entries;
    }
}
