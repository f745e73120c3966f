using Halley.Client.Repository.Compression;
using Halley.Client.Repository.Encryption;

namespace Halley.Client.Repository.Packs;

/// <summary>
/// Turns plain text into sealed blobs: zstd where it helps, then encryption. With verification each blob is decoded again and compared
/// before it may be stored. A broken compressor, memory or processor then costs a failed backup, not a lost file. Its buffers are reused
/// from blob to blob, so each worker has an encoder of its own; it is for one thread at a time.
/// </summary>
public sealed class BlobEncoder : IDisposable
{
    private const int VectorLength = VaultKey.Overhead / 2;

    private readonly VaultKey _key;
    private readonly ZstdCompressor? _compressor;
    private readonly BlobDecoder? _verifier;
    private byte[] _sealed = [];

    /// <summary>Creates an encoder.</summary>
    /// <param name="key">The vault's master key.</param>
    /// <param name="compressionLevel">Level of zstd; null for a vault of format 1, which has no compression.</param>
    /// <param name="verify">Whether to decode each blob before it is stored.</param>
    internal BlobEncoder(VaultKey key, int? compressionLevel, bool verify)
    {
        _key = key;
        _compressor = compressionLevel is { } level ? new ZstdCompressor(level) : null;
        _verifier = verify ? new BlobDecoder(key) : null;
    }

    /// <summary>Seals a blob.</summary>
    /// <param name="kind">
    /// A data blob that compression does not make smaller is stored uncompressed; trees and vault files are always compressed.
    /// </param>
    /// <param name="id">SHA-256 of the plain text.</param>
    /// <param name="plain">The plain text.</param>
    /// <param name="sealedText">The sealed blob; valid until the next call of this encoder.</param>
    /// <returns>Its entry in a pack's header, with offset 0.</returns>
    /// <exception cref="VaultException">Verification failed.</exception>
    public PackedBlob Encode(BlobKind kind, in BlobId id, ReadOnlySpan<byte> plain, out ReadOnlyMemory<byte> sealedText)
    {
        var length = TryCompress(plain, isRequired: kind == BlobKind.Tree);
        var compressedFrom = length is null ? 0 : (uint)plain.Length;
        sealedText = Seal(length, plain);
        var blob = new PackedBlob(id, kind, 0, (uint)sealedText.Length, compressedFrom);
        Verify(blob, sealedText.Span);
        return blob;
    }

    /// <summary>Seals the text of a file other than a pack.</summary>
    internal ReadOnlyMemory<byte> EncodeFile(ReadOnlySpan<byte> text)
    {
        if (_compressor is null)
        {
            return Seal(null, text);
        }

        var length = Compress(text, prefix: 1);
        _sealed[VectorLength] = VaultFormat.CompressedFile;
        return Seal(length + 1, text);
    }

    /// <summary>Lets go of a buffer that is larger than chunks of files need.</summary>
    internal void Trim() => _sealed = _sealed.Length > BlobDecoder.LargestKeptBuffer ? [] : _sealed;

    /// <summary>Frees the compressor.</summary>
    public void Dispose()
    {
        _compressor?.Dispose();
        _verifier?.Dispose();
    }

    private int? TryCompress(ReadOnlySpan<byte> plain, bool isRequired)
    {
        if (_compressor is null || plain.IsEmpty)
        {
            return null;
        }

        var length = Compress(plain, prefix: 0);
        return isRequired || length < plain.Length ? length : null;
    }

    // Straight to where it will be encrypted in place.
    private int Compress(ReadOnlySpan<byte> plain, int prefix)
    {
        var bound = ZstdCompressor.Bound(plain.Length);
        WorkBuffer.Grow(ref _sealed, VaultKey.Overhead + prefix + bound);
        return _compressor!.Compress(plain, _sealed.AsSpan(VectorLength + prefix, bound));
    }

    private ReadOnlyMemory<byte> Seal(int? inPlace, ReadOnlySpan<byte> plain)
    {
        var total = (inPlace ?? plain.Length) + VaultKey.Overhead;
        WorkBuffer.Grow(ref _sealed, total);
        _key.Seal(inPlace is { } length ? _sealed.AsSpan(VectorLength, length) : plain, _sealed.AsSpan(0, total));
        return _sealed.AsMemory(0, total);
    }

    private void Verify(in PackedBlob blob, ReadOnlySpan<byte> sealedText)
    {
        if (_verifier is null)
        {
            return;
        }

        var copy = _verifier.Buffer(sealedText.Length);
        sealedText.CopyTo(copy.Span);
        if (_verifier.TryDecode(copy, blob, out _) is not BlobDamage.None and var damage)
        {
            throw new VaultException(
                VaultFault.SelfCheckFailed,
                $"A blob that was just made cannot be read back ({damage}). Nothing of it was stored. "
                + "Test this machine's memory before the next backup.")
            {
                Blob = blob.Id,
            };
        }
    }
}
