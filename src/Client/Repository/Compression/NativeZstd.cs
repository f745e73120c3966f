using System.Runtime.InteropServices;

namespace Halley.Client.Repository.Compression;

/// <summary>The native library, which the package ZstdNet brings for Linux with glibc, macOS and Windows.</summary>
internal sealed unsafe partial class NativeZstd : ZstdEngine
{
    private const string Library = "libzstd";

    /// <summary>
    /// Whether the library loads. The runtime looks in the package's folder for this system, or beside a published program; after that a
    /// library of the system would do as well, if it has all that we call: that is since 1.4.
    /// </summary>
    public static bool IsAvailable { get; } =
        NativeLibrary.TryLoad(Library, typeof(NativeZstd).Assembly, DllImportSearchPath.AssemblyDirectory, out _)
        && ZSTD_versionNumber() >= 10400;

    public override nint CreateCompressor() => ZSTD_createCCtx();

    public override void FreeCompressor(nint context) => ZSTD_freeCCtx(context);

    public override nuint SetParameter(nint context, ZstdParameter parameter, int value) =>
        ZSTD_CCtx_setParameter(context, (int)parameter, value);

    public override nuint Compress(nint context, byte* target, nuint targetLength, byte* source, nuint sourceLength) =>
        ZSTD_compress2(context, target, targetLength, source, sourceLength);

    public override nuint Bound(nuint sourceLength) => ZSTD_compressBound(sourceLength);

    public override nint CreateDecompressor() => ZSTD_createDCtx();

    public override void FreeDecompressor(nint context) => ZSTD_freeDCtx(context);

    public override nuint Decompress(nint context, byte* target, nuint targetLength, byte* source, nuint sourceLength) =>
        ZSTD_decompressDCtx(context, target, targetLength, source, sourceLength);

    public override ulong ContentSize(byte* source, nuint sourceLength) => ZSTD_getFrameContentSize(source, sourceLength);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial uint ZSTD_versionNumber();

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial nint ZSTD_createCCtx();

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial nuint ZSTD_freeCCtx(nint context);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial nuint ZSTD_CCtx_setParameter(nint context, int parameter, int value);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial nuint ZSTD_compress2(nint context, byte* target, nuint targetLength, byte* source, nuint sourceLength);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial nuint ZSTD_compressBound(nuint sourceLength);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial nint ZSTD_createDCtx();

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial nuint ZSTD_freeDCtx(nint context);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial nuint ZSTD_decompressDCtx(nint context, byte* target, nuint targetLength, byte* source, nuint sourceLength);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial ulong ZSTD_getFrameContentSize(byte* source, nuint sourceLength);
}
