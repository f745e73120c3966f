using System.Globalization;
using Halley.Testing;

namespace Halley.Storage.Tests.Faults;

/// <summary>
/// A disk with ext4 on it that can really break: it is a file, and what is cut off that file cannot be read any more (EIO from the kernel).
/// </summary>
internal sealed class LoopDisk : IDisposable
{
    private const int BlockSize = 4096;
    private readonly string _image;

    /// <summary>Makes it.</summary>
    /// <param name="folder">An existing folder for the image.</param>
    /// <param name="mountPoint">A folder that does not exist.</param>
    /// <param name="bytes">Its size, of which the folder's file system needs to have as much as is written only.</param>
    public LoopDisk(string folder, string mountPoint, long bytes)
    {
        _image = Path.Combine(folder, "image");
        MountPoint = mountPoint;
        Directory.CreateDirectory(mountPoint);
        using (var image = File.Create(_image))
        {
            image.SetLength(bytes);
        }

        AsRoot.Run("/sbin/mkfs.ext4", "-q", "-F", "-b", $"{BlockSize}", "-O", "^has_journal", _image);
        AsRoot.Run("mount", "-o", "loop", _image, mountPoint);
    }

    public string MountPoint { get; }

    /// <summary>From now on nothing of the disk can be read from where a file begins; what is written there is there.</summary>
    public void BreakFrom(string path)
    {
        AsRoot.Run("sync", "-f", path);
        var first = AsRoot.Run("/sbin/debugfs", "-R", $"blocks /{Path.GetRelativePath(MountPoint, path)}", _image).Split(' ', 2)[0];
        ForgetCached();
        using var image = File.OpenWrite(_image);
        image.SetLength(long.Parse(first, CultureInfo.InvariantCulture) * BlockSize);
    }

    /// <summary>Whoever reads next reads from the disk, except what could not be written to it.</summary>
    public void ForgetCached()
    {
        foreach (var file in Directory.EnumerateFiles(MountPoint, "*", SearchOption.AllDirectories))
        {
            AsRoot.Run("dd", $"if={file}", "iflag=nocache", "count=0", "status=none");
        }
    }

    public void Dispose() => AsRoot.Run("umount", "-l", MountPoint);
}
