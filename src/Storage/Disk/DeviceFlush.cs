using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Halley.Storage.Disk;

/// <summary>
/// Makes the content of a file or directory durable, and throws when the flush fails. On Unix (.NET 10.0.12),
/// <c>RandomAccess.FlushToDisk</c> and <c>FileStream.Flush(true)</c> hide the failure: their native call returns 1 when fsync fails, and
/// only numbers below 0 are treated as errors. On a failing disk they would acknowledge every upload.
/// </summary>
public static class DeviceFlush
{
    /// <summary>Flushes an open file.</summary>
    /// <exception cref="IOException">
    /// The content is not durable. A retry proves nothing: the kernel may have dropped the pages that it could not write.
    /// </exception>
    public static void Run(SafeFileHandle file) => Run(file, isDirectory: false);

    internal static void Run(SafeFileHandle file, bool isDirectory)
    {
        if (OperatingSystem.IsWindows())
        {
#pragma warning disable RS0030 // on Windows it reports a failed flush
            RandomAccess.FlushToDisk(file);
#pragma warning restore RS0030
            return;
        }

        while ((OperatingSystem.IsMacOS() ? LibC.Control(file, LibC.FullFlush) : LibC.Flush(file)) != 0)
        {
            var code = Marshal.GetLastPInvokeError();
            if (isDirectory && code is (Errno.Invalid or Errno.NotSupported))
            {
                return; // a file system without a flush of directories, as some network ones are
            }

            if (code != Errno.Interrupted)
            {
                throw SystemCalls.Error("fsync", isDirectory ? "a directory" : "a file", code);
            }
        }
    }
}
