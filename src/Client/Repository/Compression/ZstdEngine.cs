namespace Halley.Client.Repository.Compression;

/// <summary>
/// The functions of the zstd library that we use, as its C interface has them. The results of most are lengths or error codes.
/// </summary>
internal abstract unsafe class ZstdEngine
{
    /// <summary>The native library if this system has one, else its port to C#, at 60 to 85 % of its speed.</summary>
    public static ZstdEngine Fastest { get; } = NativeZstd.IsAvailable ? new NativeZstd() : new ManagedZstd();

    public abstract nint CreateCompressor();

    public abstract void FreeCompressor(nint context);

    public abstract nuint SetParameter(nint context, ZstdParameter parameter, int value);

    public abstract nuint Compress(nint context, byte* target, nuint targetLength, byte* source, nuint sourceLength);

    public abstract nuint Bound(nuint sourceLength);

    public abstract nint CreateDecompressor();

    public abstract void FreeDecompressor(nint context);

    public abstract nuint Decompress(nint context, byte* target, nuint targetLength, byte* source, nuint sourceLength);

    /// <summary>The length in a frame's header; the two largest numbers mean "unknown" and "not a frame".</summary>
    public abstract ulong ContentSize(byte* source, nuint sourceLength);

    /// <summary>The error code of a result; 0 for success.</summary>
    public static int ErrorOf(nuint result)
    {
        const int HighestError = 120;
        var error = 0 - result;
        return error is > 0 and <= HighestError ? (int)error : 0;
    }
}

/// <summary>Parameters of a compression, by the numbers of zstd.h.</summary>
internal enum ZstdParameter
{
    CompressionLevel = 100,
    WindowLog = 101,
}
