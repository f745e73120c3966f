using Halley.Storage;

namespace Halley.Client.Repository.Files;

/// <summary>Reads whole files of a store, as they are stored, verified against their names.</summary>
internal static class StoredFile
{
    /// <summary>The bytes of a file; null when it does not exist.</summary>
    /// <param name="store">The store.</param>
    /// <param name="name">Its name.</param>
    /// <param name="limit">Most bytes it may have: nothing is allocated for a longer one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="VaultException">It is longer than the limit, shorter than announced, empty, or does not match its name.</exception>
    public static async ValueTask<byte[]?> TryReadAsync(IBlobStore store, BlobName name, int limit, CancellationToken cancellationToken)
    {
        using var reader = await store.OpenAsync(name, cancellationToken);
        if (reader is null)
        {
            return null;
        }

        if (reader.Length > limit)
        {
            throw VaultException.Damaged(name, $"with {reader.Length} bytes it is longer than such a file can be");
        }

        var bytes = new byte[reader.Length];
        await ReadExactlyAsync(reader, name, 0, bytes, cancellationToken);
        return name.Type == BlobType.Config || BlobId.Of(bytes).ToString() == name.Id
            ? bytes
            : throw VaultException.Damaged(name, bytes.Length == 0 ? "it is empty" : "its SHA-256 is not its name");
    }

    /// <summary>Fills a buffer.</summary>
    /// <exception cref="VaultException">The file ends before the buffer does.</exception>
    public static async ValueTask ReadExactlyAsync(
        BlobReader reader, BlobName name, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            var read = await reader.ReadAsync(offset, buffer, cancellationToken);
            if (read == 0)
            {
                throw VaultException.Damaged(name, $"it ends at byte {offset}");
            }

            (offset, buffer) = (offset + read, buffer[read..]);
        }
    }
}
