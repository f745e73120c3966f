using ZstdSharp.Unsafe;

namespace Halley.Client.Repository.Compression;

/// <summary>The port of the library to C#, for systems without a native library, such as Linux with musl.</summary>
internal sealed unsafe class ManagedZstd : ZstdEngine
{
    public override nint CreateCompressor() => (nint)Methods.ZSTD_createCCtx();

    public override void FreeCompressor(nint context) => Methods.ZSTD_freeCCtx((ZSTD_CCtx_s*)context);

    public override nuint SetParameter(nint context, ZstdParameter parameter, int value) =>
        Methods.ZSTD_CCtx_setParameter((ZSTD_CCtx_s*)context, (ZSTD_cParameter)parameter, value);

    public override nuint Compress(nint context, byte* target, nuint targetLength, byte* source, nuint sourceLength) =>
        Methods.ZSTD_compress2((ZSTD_CCtx_s*)context, target, targetLength, source, sourceLength);

    public override nuint Bound(nuint sourceLength) => Methods.ZSTD_compressBound(sourceLength);

    public override nint CreateDecompressor() => (nint)Methods.ZSTD_createDCtx();

    public override void FreeDecompressor(nint context) => Methods.ZSTD_freeDCtx((ZSTD_DCtx_s*)context);

    public override nuint Decompress(nint context, byte* target, nuint targetLength, byte* source, nuint sourceLength) =>
        Methods.ZSTD_decompressDCtx((ZSTD_DCtx_s*)context, target, targetLength, source, sourceLength);

    public override ulong ContentSize(byte* source, nuint sourceLength) => Methods.ZSTD_getFrameContentSize(source, sourceLength);
}
