namespace Halley.Storage.Disk;

/// <summary>
/// The state of a file or directory at one moment. Equal states mean the same file with the same content, unless its times were forged.
/// </summary>
/// <param name="Name">Its name in its directory.</param>
/// <param name="IsDirectory">True for a directory.</param>
/// <param name="Length">Length of a file in bytes.</param>
/// <param name="Inode">Its number on the disk; a spinning disk reads files fastest in this order. 0 if it has none.</param>
/// <param name="Modified">Time of the last change to its content. Programs that copy files may set it.</param>
/// <param name="Changed">Time when it came to this disk or last changed in any way. No program can set it.</param>
internal readonly record struct DiskEntry(string Name, bool IsDirectory, long Length, ulong Inode, DateTime Modified, DateTime Changed);
