using Halley.Client.Repository.Caching;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Packs;
using Halley.Storage;

namespace Halley.Client.Repository.Files;

/// <summary>Reads single blobs, trees by way of the cache. When a blob is in several packs, a damaged copy is no harm.</summary>
internal sealed class BlobLoader(IBlobStore store, MetadataCache? cache, CodecPool codecs) : IDisposable
{
    // A pack of trees is fetched once, however many workers need it at the same time.
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 16).Select(_ => new SemaphoreSlim(1))];

    /// <summary>The plain text of a blob.</summary>
    /// <exception cref="VaultException">No index names it, or each copy is damaged or missing.</exception>
    public async ValueTask<byte[]> ReadAsync(VaultIndex index, BlobKind kind, BlobId id, CancellationToken cancellationToken)
    {
        VaultException? reason = null;
        foreach (var location in index.FindAll(kind, id))
        {
            try
            {
                return await ReadAsync(location, cancellationToken);
            }
            catch (VaultException error)
            {
                reason ??= error;
            }
        }

        throw reason ?? VaultException.Missing(kind, id);
    }

    /// <summary>Opens a pack on the store; null when it does not exist.</summary>
    public async ValueTask<PackReader?> TryOpenAsync(BlobId pack, CancellationToken cancellationToken)
    {
        var name = BlobName.Of(BlobType.Data, pack.ToString());
        return await store.OpenAsync(name, cancellationToken) is { } file ? new PackReader(name, file) : null;
    }

    public void Dispose()
    {
        foreach (var gate in _gates)
        {
            gate.Dispose();
        }
    }

    private async ValueTask<byte[]> ReadAsync(BlobLocation location, CancellationToken cancellationToken)
    {
        var name = BlobName.Of(BlobType.Data, location.Pack.ToString());
        using var codec = codecs.RentDecoder();
        if (location.Blob.Kind == BlobKind.Tree && cache is not null)
        {
            if (await TryReadCopyAsync(name, location, codec.Value, isLast: false, cancellationToken) is { } copy)
            {
                return copy;
            }
        }

        using var pack = await TryOpenAsync(location.Pack, cancellationToken) ?? throw VaultException.Missing(name);
        var blob = await pack.ReadAsync(location.Blob, codec.Value, cancellationToken);
        return blob.Damage == BlobDamage.None
            ? blob.Plain.ToArray()
            : throw VaultException.Damaged(name, location.Blob.Id, BlobDamageText.Of(blob.Damage));
    }

    // A wrong copy is deleted, and a new one is made.
    private async ValueTask<byte[]?> TryReadCopyAsync(
        BlobName name, BlobLocation location, BlobDecoder decoder, bool isLast, CancellationToken cancellationToken)
    {
        if (await OpenCopyAsync(name, cancellationToken) is not { } file)
        {
            return null;
        }

        try
        {
            using var pack = new PackReader(name, file);
            var blob = await pack.ReadAsync(location.Blob, decoder, cancellationToken);
            if (blob.Damage == BlobDamage.None)
            {
                return blob.Plain.ToArray();
            }
        }
        catch (BlobStoreException)
        {
            // The disk of the cache fails.
        }

        await cache!.ForgetAsync(name, cancellationToken);
        return isLast ? null : await TryReadCopyAsync(name, location, decoder, isLast: true, cancellationToken);
    }

    private async ValueTask<BlobReader?> OpenCopyAsync(BlobName name, CancellationToken cancellationToken)
    {
        if (await cache!.TryOpenPackAsync(name, cancellationToken) is { } kept)
        {
            return kept;
        }

        var gate = _gates[Convert.ToInt32(name.Id[..1], 16)];
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (await cache.TryOpenPackAsync(name, cancellationToken) is { } justKept)
            {
                return justKept;
            }

            using var pack = await store.OpenAsync(name, cancellationToken);
            return pack is null ? null : await cache.TryKeepPackAsync(name, pack, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }
}
