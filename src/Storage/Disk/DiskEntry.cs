namespace Halley.Storage.Disk;

/// <summary>
/// A file or directory at one moment. Two that are equal are the same file with the same content, unless somebody forges times.
/// </summary>
/// <param name="Name">Its name in its directory.</param>
/// <param name="IsDirectory">True for a directory.</param>
/// <param name="Length">Bytes of a file.</param>
/// <param name="Inode">Its number on the disk, in whose order a spinning disk is read fastest; 0 where it has none.</param>
/// <param name="Modified">When its content last changed, which whoever copies a file may set.</param>
/// <param name="Changed">When it came to this disk or was last changed in any way, which nobody can set.</param>
internal readonly record struct DiskEntry(string Name, bool IsDirectory, long Length, ulong Inode, DateTime Modified, DateTime Changed);
