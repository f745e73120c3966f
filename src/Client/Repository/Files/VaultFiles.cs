using Halley.Client.Repository.Caching;
using Halley.Client.Repository.Packs;
using Halley.Storage;

namespace Halley.Client.Repository.Files;

/// <summary>
/// Reads and writes the files of a vault that are no packs: verified against their names, opened, decompressed; and the other way round.
/// </summary>
internal sealed class VaultFiles(IBlobStore store, MetadataCache? cache, CodecPool codecs)
{
    /// <summary>Where the files are.</summary>
    public IBlobStore Store => store;

    /// <summary>Runs before each change of the store, except for locks: it throws when the lock of this process was lost.</summary>
    public Func<CancellationToken, ValueTask>? Guard { get; set; }

    /// <summary>Reads an encrypted file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="parse">Receives the text, which is valid only during the call.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="VaultException">It is missing or damaged.</exception>
    public async ValueTask<T> ReadAsync<T>(BlobName name, Func<ReadOnlyMemory<byte>, T> parse, CancellationToken cancellationToken)
        where T : class =>
        await TryReadAsync(name, parse, cancellationToken) ?? throw VaultException.Missing(name);

    /// <summary>As <see cref="ReadAsync"/>; null when the file does not exist.</summary>
    public async ValueTask<T?> TryReadAsync<T>(BlobName name, Func<ReadOnlyMemory<byte>, T> parse, CancellationToken cancellationToken)
        where T : class
    {
        var limit = name.Type is BlobType.Index or BlobType.PackIndex ? VaultFormat.LongestIndex : VaultFormat.LongestSmallFile;
        if (await ReadStoredAsync(name, limit, cancellationToken) is not { } bytes)
        {
            return null;
        }

        using var codec = codecs.RentDecoder();
        return parse(Open(name, bytes, limit, codec.Value));
    }

    /// <summary>Seals a text, compressed in format 2, and stores it.</summary>
    public async ValueTask<BlobId> WriteAsync(BlobType type, ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        using var codec = codecs.RentEncoder();
        var bytes = codec.Value.EncodeFile(text.Span).ToArray();
        var id = BlobId.Of(bytes);
        var name = BlobName.Of(type, id.ToString());
        await PutAsync(name, new MemoryStream(bytes, writable: false), bytes.Length, cancellationToken);
        if (cache is not null && MetadataCache.Keeps(type))
        {
            await cache.KeepAsync(name, bytes, cancellationToken);
        }

        return id;
    }

    /// <summary>Stores a file; returns when it is durable.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">Its content, from its beginning; a store that tries again needs a stream that can seek.</param>
    /// <param name="length">Bytes of the content.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="VaultException">The store is full, refuses it, or the lock was lost.</exception>
    public async ValueTask PutAsync(BlobName name, Stream content, long length, CancellationToken cancellationToken)
    {
        await CheckLockAsync(name, cancellationToken);
        var result = await store.PutAsync(name, content, length, cancellationToken);
        switch (result.Outcome)
        {
            case PutOutcome.Stored or PutOutcome.AlreadyPresent:
                return;
            case PutOutcome.Conflict:
                throw new VaultException(VaultFault.VaultExists, name, "There is a vault already, so no new one is made over it.");
            case PutOutcome.NoSpace or PutOutcome.Busy:
                throw new VaultException(
                    VaultFault.NoSpace, name,
                    $"The store has no room for {name} ({length} bytes). Make room, then start again; what was stored is kept.");
            default:
                throw new VaultException(
                    VaultFault.NotStored, name,
                    $"The store received other bytes for {name} than were sent ({result.Outcome}). "
                    + "Look for a failing network device or memory.");
        }
    }

    /// <summary>Deletes a file; false when it was already gone.</summary>
    public async ValueTask<bool> DeleteAsync(BlobName name, CancellationToken cancellationToken)
    {
        await CheckLockAsync(name, cancellationToken);
        var deleted = await store.DeleteAsync(name, cancellationToken) is not null;
        if (cache is not null)
        {
            await cache.ForgetAsync(name, cancellationToken);
        }

        return deleted;
    }

    /// <summary>All files of a collection, in the order of their ids.</summary>
    public async ValueTask<List<BlobEntry>> ListAsync(BlobType type, CancellationToken cancellationToken)
    {
        var entries = new List<BlobEntry>();
        await foreach (var entry in store.ListAsync(type, cancellationToken))
        {
            entries.Add(entry);
        }

        entries.Sort((left, right) => string.CompareOrdinal(left.Id, right.Id));
        return entries;
    }

    private ValueTask CheckLockAsync(BlobName name, CancellationToken cancellationToken) =>
        name.Type == BlobType.Locks || Guard is null ? ValueTask.CompletedTask : Guard(cancellationToken);

    private async ValueTask<byte[]?> ReadStoredAsync(BlobName name, int limit, CancellationToken cancellationToken)
    {
        var isKept = cache is not null && MetadataCache.Keeps(name.Type);
        if (isKept && await cache!.TryReadAsync(name, limit, cancellationToken) is { } kept)
        {
            return kept;
        }

        var bytes = await StoredFile.TryReadAsync(store, name, limit, cancellationToken);
        if (isKept && bytes is not null)
        {
            await cache!.KeepAsync(name, bytes, cancellationToken);
        }

        return bytes;
    }

    private static ReadOnlyMemory<byte> Open(BlobName name, byte[] bytes, int limit, BlobDecoder decoder)
    {
        if (!decoder.TryOpen(bytes, out var plain))
        {
            throw VaultException.Damaged(name, "it is not sealed with this vault's key");
        }

        if (name.Type == BlobType.Config || plain.Span is [(byte)'{' or (byte)'[', ..])
        {
            return plain;
        }

        if (plain.Span is not [VaultFormat.CompressedFile, ..])
        {
            throw VaultException.Damaged(name, "its encoding is unknown");
        }

        return decoder.TryDecompressUnknown(plain.Span[1..], limit, out var text)
            ? text
            : throw VaultException.Damaged(name, "it cannot be decompressed, or is longer than such a file can be");
    }
}
