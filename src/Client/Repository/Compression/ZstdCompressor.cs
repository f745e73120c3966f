namespace Halley.Client.Repository.Compression;

/// <summary>
/// Compresses one message after the other into zstd frames, with one context: making one costs more than compressing a small file. One
/// thread at a time.
/// </summary>
public sealed class ZstdCompressor : IDisposable
{
    /// <summary>The lowest level: the fastest, and the largest frames.</summary>
    public const int MinLevel = -7;

    /// <summary>The highest level.</summary>
    public const int MaxLevel = 22;

    // 512 KiB, as restic's own frames have it.
    private const int WindowLog = 19;
    private const int TargetTooSmall = 70;

    private readonly ZstdEngine _engine;
    private readonly ZstdContext _context;

    /// <summary>Creates a context.</summary>
    /// <param name="level">-7 to 22; restic's <c>auto</c> is 3, its <c>max</c> about 11.</param>
    /// <exception cref="ArgumentOutOfRangeException">The level is out of range.</exception>
    public ZstdCompressor(int level)
        : this(level, ZstdEngine.Fastest)
    {
    }

    internal ZstdCompressor(int level, ZstdEngine engine)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, MinLevel);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, MaxLevel);
        _engine = engine;
        _context = new ZstdContext(engine.CreateCompressor(), engine.FreeCompressor);
        Set(ZstdParameter.CompressionLevel, level);
        Set(ZstdParameter.WindowLog, WindowLog);
    }

    /// <summary>The length of target that is enough for any source of a length.</summary>
    public static int Bound(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return checked((int)ZstdEngine.Fastest.Bound((nuint)length));
    }

    /// <summary>Compresses into one frame, which holds the length of its content.</summary>
    /// <returns>The length of the frame; 0 when it doesn't fit <paramref name="target"/>, which then holds anything.</returns>
    /// <exception cref="ObjectDisposedException">The context was freed.</exception>
    public unsafe int Compress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        ObjectDisposedException.ThrowIf(_context.IsClosed, this);
        fixed (byte* from = source, to = target)
        {
            var result = _engine.Compress(_context.DangerousGetHandle(), to, (nuint)target.Length, from, (nuint)source.Length);
            return ZstdEngine.ErrorOf(result) switch
            {
                0 => (int)result,
                TargetTooSmall => 0,
                var error => throw new InvalidOperationException($"zstd cannot compress: error {error}."),
            };
        }
    }

    /// <summary>Frees the context.</summary>
    public void Dispose() => _context.Dispose();

    private void Set(ZstdParameter parameter, int value)
    {
        if (ZstdEngine.ErrorOf(_engine.SetParameter(_context.DangerousGetHandle(), parameter, value)) is not 0 and var error)
        {
            throw new InvalidOperationException($"zstd doesn't take {value} for {parameter}: error {error}.");
        }
    }
}
