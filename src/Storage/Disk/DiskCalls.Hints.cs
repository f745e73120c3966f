using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Halley.Storage.Disk;

// what makes things faster or kinder to others, and nothing durable
internal partial class DiskCalls
{
    private const long LongestPrefetch = 16 << 20;

    /// <summary>Drops what memory holds of a flushed file, so that the next read asks the device. Only a hint, and only on Linux.</summary>
    public virtual void ForgetCached(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = LibC.Advise(file, 0, 0, LibC.DontNeed);
        }
    }

    /// <summary>Lets the device read the beginning of a file before somebody asks for it. Only a hint, and only on Linux.</summary>
    public virtual void Prefetch(SafeFileHandle file, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = LibC.Advise(file, 0, Math.Min(length, LongestPrefetch), LibC.WillNeed);
        }
    }

    /// <summary>Begins to write a part of a file to the device, which makes nothing durable. Only on Linux.</summary>
    public virtual void StartWriting(SafeFileHandle file, long offset, long length, bool wait)
    {
        // An error must be heard here: the kernel tells it once, and a flush afterwards may find nothing wrong.
        if (OperatingSystem.IsLinux() && LibC.SyncFileRange(file, offset, length, wait ? LibC.WriteAndWait : LibC.Write) != 0
            && Marshal.GetLastPInvokeError() is not (Errno.NotImplemented or Errno.Invalid))
        {
            throw LastError("sync_file_range", "a file in the making");
        }
    }
}
