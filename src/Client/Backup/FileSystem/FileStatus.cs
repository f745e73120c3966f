using System.Runtime.InteropServices;
using Halley.Client.Repository;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Backup.FileSystem;

/// <summary>What Linux knows of a file: <c>struct statx</c>, which is the same on all processors.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal readonly struct FileStatus
{
    [FieldOffset(16)]
    public readonly uint Links;

    [FieldOffset(20)]
    public readonly uint UserId;

    [FieldOffset(24)]
    public readonly uint GroupId;

    [FieldOffset(28)]
    public readonly ushort Mode;

    [FieldOffset(32)]
    public readonly ulong Inode;

    [FieldOffset(40)]
    public readonly ulong Size;

    [FieldOffset(48)]
    public readonly ulong Blocks;

    [FieldOffset(96)]
    private readonly long _changeSeconds;

    [FieldOffset(104)]
    private readonly uint _changeNanoseconds;

    [FieldOffset(112)]
    private readonly long _modifySeconds;

    [FieldOffset(120)]
    private readonly uint _modifyNanoseconds;

    [FieldOffset(128)]
    private readonly uint _deviceMajor;

    [FieldOffset(132)]
    private readonly uint _deviceMinor;

    [FieldOffset(136)]
    private readonly uint _fileSystemMajor;

    [FieldOffset(140)]
    private readonly uint _fileSystemMinor;

    public NodeType Type => (Mode & 0xF000) switch
    {
        0x8000 => NodeType.File,
        0x4000 => NodeType.Directory,
        0xA000 => NodeType.Symlink,
        0x6000 => NodeType.BlockDevice,
        0x2000 => NodeType.CharacterDevice,
        0x1000 => NodeType.Fifo,
        0xC000 => NodeType.Socket,
        _ => NodeType.Irregular,
    };

    /// <summary>The device that a device file stands for.</summary>
    public ulong Device => Number(_deviceMajor, _deviceMinor);

    /// <summary>The file system.</summary>
    public ulong FileSystem => Number(_fileSystemMajor, _fileSystemMinor);

    /// <summary>True when less is allocated than the length needs.</summary>
    public bool IsSparse => Blocks < (Size + 511) / 512;

    public VaultTime ModifyTime => VaultTime.In(TimeZoneInfo.Local, _modifySeconds, (int)_modifyNanoseconds);

    public VaultTime ChangeTime => VaultTime.In(TimeZoneInfo.Local, _changeSeconds, (int)_changeNanoseconds);

    /// <summary>True when the content of the file has not changed between the two.</summary>
    public bool HasSameContentAs(in FileStatus other) =>
        Inode == other.Inode && Size == other.Size
        && _modifySeconds == other._modifySeconds && _modifyNanoseconds == other._modifyNanoseconds;

    // makedev of glibc
    private static ulong Number(uint major, uint minor) =>
        ((ulong)(major & 0xFFFFF000) << 32) | ((major & 0xFFF) << 8) | ((ulong)(minor & 0xFFFFFF00) << 12) | (minor & 0xFF);
}
