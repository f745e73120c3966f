using Halley.Client.Repository.Compression;
using Halley.Client.Repository.Encryption;

namespace Halley.Client.Repository.Packs;

/// <summary>Why a blob could not be decoded.</summary>
public enum BlobDamage
{
    /// <summary>It could be decoded.</summary>
    None,

    /// <summary>Its bytes do not carry the authenticator of this vault's key.</summary>
    NotAuthentic,

    /// <summary>It is authentic, but not a zstd frame of the stated length.</summary>
    NotCompressed,

    /// <summary>It is authentic, but its content does not match its id.</summary>
    OtherContent,

    /// <summary>The pack ends before the blob does.</summary>
    Truncated,
}

/// <summary>
/// Turns sealed blobs into plain text: authenticator, decryption, decompression, SHA-256. Its buffers are kept from blob to blob, so each
/// worker has a decoder of its own; it is for one thread at a time.
/// </summary>
public sealed class BlobDecoder : IDisposable
{
    /// <summary>
    /// Longest data blob that is accepted, in bytes: restic's chunks have 8 MiB at most, other programs let people choose.
    /// </summary>
    public const int LongestData = 128 << 20;

    /// <summary>Longest tree that is accepted, in bytes: a directory of some millions of entries.</summary>
    public const int LongestTree = 1 << 30;

    internal const int LargestKeptBuffer = 16 << 20;

    private readonly VaultKey _key;
    private readonly ZstdDecompressor _decompressor = new();
    private byte[] _sealed = [];
    private byte[] _plain = [];

    internal BlobDecoder(VaultKey key) => _key = key;

    /// <summary>A buffer for a sealed message that is decoded in place; valid until the next call.</summary>
    /// <param name="length">Bytes needed; the caller must have checked that so many exist.</param>
    public Memory<byte> Buffer(int length) => WorkBuffer.Grow(ref _sealed, length).AsMemory(0, length);

    /// <summary>Decodes a blob. Nothing about it is trusted: the returned text has the SHA-256 that is its id.</summary>
    /// <param name="sealedText">The blob as stored in the pack; overwritten when it is in <see cref="Buffer"/>.</param>
    /// <param name="blob">Its entry in the header or index.</param>
    /// <param name="plain">The plain text; valid until the next call of this decoder.</param>
    public BlobDamage TryDecode(Memory<byte> sealedText, in PackedBlob blob, out ReadOnlyMemory<byte> plain)
    {
        plain = default;
        if (sealedText.Length != blob.Length || !blob.HasPossibleLengths)
        {
            return BlobDamage.Truncated;
        }

        if (!TryOpen(sealedText, out var message))
        {
            return BlobDamage.NotAuthentic;
        }

        ReadOnlyMemory<byte> opened = message;
        if (blob.IsCompressed && !TryDecompress(message.Span, (int)blob.CompressedFrom, out opened))
        {
            return BlobDamage.NotCompressed;
        }

        if (BlobId.Of(opened.Span) != blob.Id)
        {
            return BlobDamage.OtherContent;
        }

        plain = opened;
        return BlobDamage.None;
    }

    /// <summary>Opens a sealed message in place.</summary>
    internal bool TryOpen(Memory<byte> sealedText, out Memory<byte> plain)
    {
        plain = default;
        if (sealedText.Length < VaultKey.Overhead)
        {
            return false;
        }

        var target = sealedText.Slice(VaultKey.Overhead / 2, sealedText.Length - VaultKey.Overhead);
        if (!_key.TryOpen(sealedText.Span, target.Span))
        {
            return false;
        }

        plain = target;
        return true;
    }

    /// <summary>Decompresses a frame of unknown size, up to a limit.</summary>
    internal bool TryDecompressUnknown(ReadOnlySpan<byte> frame, int limit, out ReadOnlyMemory<byte> plain)
    {
        var isWhole = _decompressor.TryDecompress(frame, limit, out var content);
        plain = content;
        return isWhole;
    }

    /// <summary>Lets go of buffers that are larger than chunks of files need.</summary>
    internal void Trim()
    {
        _sealed = _sealed.Length > LargestKeptBuffer ? [] : _sealed;
        _plain = _plain.Length > LargestKeptBuffer ? [] : _plain;
    }

    /// <summary>Frees the decompressor.</summary>
    public void Dispose() => _decompressor.Dispose();

    // restic omits the size in the frames of short texts. When the sizes in frame and index differ, nothing is allocated.
    private bool TryDecompress(ReadOnlySpan<byte> frame, int length, out ReadOnlyMemory<byte> plain)
    {
        plain = default;
        if (ZstdDecompressor.ReadContentSize(frame) is not { } stated)
        {
            return TryDecompressUnknown(frame, length, out plain) && plain.Length == length;
        }

        if (stated != (ulong)length)
        {
            return false;
        }

        var target = WorkBuffer.Grow(ref _plain, length).AsMemory(0, length);
        plain = target;
        return _decompressor.TryDecompress(frame, target.Span, out var written) && written == length;
    }
}
