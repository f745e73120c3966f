using System.Diagnostics.CodeAnalysis;

namespace Halley.Client.Repository.Compression;

/// <summary>Decompresses zstd frames of any origin with one context. One thread at a time.</summary>
public sealed class ZstdDecompressor : IDisposable
{
    private const int TargetTooSmall = 70;

    private readonly ZstdEngine _engine;
    private readonly ZstdContext _context;

    /// <summary>Makes a context.</summary>
    public ZstdDecompressor()
        : this(ZstdEngine.Fastest)
    {
    }

    internal ZstdDecompressor(ZstdEngine engine)
    {
        _engine = engine;
        _context = new ZstdContext(engine.CreateDecompressor(), engine.FreeDecompressor);
    }

    /// <summary>
    /// The length of the content according to a frame's header; null when the header has none or the bytes are no frame. The length is not
    /// trustworthy: the author of a frame can write any number, so never allocate that much because of it.
    /// </summary>
    public static unsafe ulong? ReadContentSize(ReadOnlySpan<byte> frame)
    {
        fixed (byte* from = frame)
        {
            var size = ZstdEngine.Fastest.ContentSize(from, (nuint)frame.Length);
            return size < ulong.MaxValue - 1 ? size : null;
        }
    }

    /// <summary>Decompresses into memory of the caller. Never writes beyond it, even if the frame is malicious.</summary>
    /// <param name="source">Any bytes.</param>
    /// <param name="target">Receives the content. Its content is undefined when this returns false.</param>
    /// <param name="written">The length of the content; 0 when this returns false.</param>
    /// <returns>False when the source is no whole frame, or its content doesn't fit.</returns>
    /// <exception cref="ObjectDisposedException">The context was freed.</exception>
    public bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> target, out int written) =>
        Decompress(source, target, out written) == 0;

    /// <summary>Decompresses a frame whose length is missing or not trusted.</summary>
    /// <param name="source">Any bytes.</param>
    /// <param name="limit">The most bytes that the content may have.</param>
    /// <param name="content">The content; null when this returns false.</param>
    /// <returns>False when the source is no whole frame, or its content is longer than the limit.</returns>
    /// <exception cref="ObjectDisposedException">The context was freed.</exception>
    public bool TryDecompress(ReadOnlySpan<byte> source, int limit, [NotNullWhen(true)] out byte[]? content)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        content = null;
        // The best compression of JSON. More memory is allocated only after the frame has filled this much.
        const int PlausibleRatio = 32, Smallest = 4096;
        var most = (int)Math.Min(ReadContentSize(source) ?? (ulong)limit, (ulong)limit);
        for (var length = Math.Min(most, Math.Max(Smallest, (long)source.Length * PlausibleRatio)); ; length = Math.Min(most, length * 2))
        {
            var buffer = GC.AllocateUninitializedArray<byte>((int)length);
            var error = Decompress(source, buffer, out var written);
            if (error == 0)
            {
                content = written == buffer.Length ? buffer : buffer[..written];
                return true;
            }

            if (error != TargetTooSmall || length == most)
            {
                return false;
            }
        }
    }

    /// <summary>Frees the context.</summary>
    public void Dispose() => _context.Dispose();

    private unsafe int Decompress(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        const int NoFrame = 10;
        ObjectDisposedException.ThrowIf(_context.IsClosed, this);
        written = 0;
        if (source.IsEmpty)
        {
            // The library takes nothing at all for no frames, and that for success.
            return NoFrame;
        }

        fixed (byte* from = source, to = target)
        {
            var result = _engine.Decompress(_context.DangerousGetHandle(), to, (nuint)target.Length, from, (nuint)source.Length);
            var error = ZstdEngine.ErrorOf(result);
            written = error == 0 ? (int)result : 0;
            return error;
        }
    }
}
