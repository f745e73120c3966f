using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Halley.Storage.Disk;

/// <summary>
/// Makes what was written to a file or directory durable, and tells when that failed. <c>RandomAccess.FlushToDisk</c> and
/// <c>FileStream.Flush(true)</c> do not tell it on Unix (.NET 10.0.12): their native call answers 1 when fsync failed, and only numbers
/// below 0 are taken for an error. On such a disk every upload would be acknowledged.
/// </summary>
public static class DeviceFlush
{
    /// <summary>Flushes an open file.</summary>
    /// <exception cref="IOException">
    /// It is not durable, and trying again would not tell: the kernel may have forgotten what it could not write.
    /// </exception>
    public static void Run(SafeFileHandle file) => Run(file, isDirectory: false);

    internal static void Run(SafeFileHandle file, bool isDirectory)
    {
        if (OperatingSystem.IsWindows())
        {
#pragma warning disable RS0030 // tells on Windows
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
