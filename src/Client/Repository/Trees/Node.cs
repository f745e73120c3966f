using System.Text;

namespace Halley.Client.Repository.Trees;

/// <summary>The type of an entry of a directory.</summary>
public enum NodeType
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    Symlink,

    /// <summary>A block device.</summary>
    BlockDevice,

    /// <summary>A character device.</summary>
    CharacterDevice,

    /// <summary>A named pipe.</summary>
    Fifo,

    /// <summary>A socket; never backed up, but other programs may have.</summary>
    Socket,

    /// <summary>Something else, or a type that this program does not know.</summary>
    Irregular,
}

/// <summary>An extended attribute.</summary>
/// <param name="Name">Its name, like <c>user.comment</c>.</param>
/// <param name="Value">Its value; may be empty.</param>
public sealed record NodeXattr(string Name, ReadOnlyMemory<byte> Value);

/// <summary>
/// An entry of a directory, with everything that is known of it but the content of files, which is in data blobs. Names and link targets
/// are bytes, since file systems allow any.
/// </summary>
public sealed record Node
{
    /// <summary>The name, in the bytes of the file system; UTF-8 where that has other names.</summary>
    public required ReadOnlyMemory<byte> Name { get; init; }

    /// <summary>Its type.</summary>
    public required NodeType Type { get; init; }

    /// <summary>Permissions and type as <see cref="NodeMode"/> has them.</summary>
    public uint Mode { get; init; }

    /// <summary>When the content changed.</summary>
    public VaultTime ModifyTime { get; init; }

    /// <summary>When it was read.</summary>
    public VaultTime AccessTime { get; init; }

    /// <summary>Time of the last change of content or metadata; on Windows the time of creation.</summary>
    public VaultTime ChangeTime { get; init; }

    /// <summary>Number of the owner.</summary>
    public uint UserId { get; init; }

    /// <summary>Number of the group.</summary>
    public uint GroupId { get; init; }

    /// <summary>Name of the owner; empty when it is unknown.</summary>
    public string User { get; init; } = "";

    /// <summary>Name of the group; empty when it is unknown.</summary>
    public string Group { get; init; } = "";

    /// <summary>Number within the file system; 0 when it is unknown.</summary>
    public ulong Inode { get; init; }

    /// <summary>Number of the file system; 0 when it is unknown.</summary>
    public ulong DeviceId { get; init; }

    /// <summary>Bytes of a file: the sum of its chunks.</summary>
    public ulong Size { get; init; }

    /// <summary>Number of its names.</summary>
    public ulong Links { get; init; }

    /// <summary>The target of a symbolic link.</summary>
    public ReadOnlyMemory<byte> LinkTarget { get; init; }

    /// <summary>Extended attributes in the order in which the file system lists them.</summary>
    public IReadOnlyList<NodeXattr> ExtendedAttributes { get; init; } = [];

    /// <summary>Attributes of one operating system as the JSON object stored in the tree; empty when there are none.</summary>
    public ReadOnlyMemory<byte> GenericAttributes { get; init; }

    /// <summary>Which device a device file stands for.</summary>
    public ulong Device { get; init; }

    /// <summary>The data blobs of a file, in order; null for everything that is no file, and for a file that is damaged.</summary>
    public IReadOnlyList<BlobId>? Content { get; init; }

    /// <summary>The tree of a directory; null for everything else.</summary>
    public BlobId? Subtree { get; init; }

    /// <summary>The error that occurred during its backup; almost always empty.</summary>
    public string Error { get; init; } = "";

    /// <summary>
    /// Members that this program does not know, each <c>"name":value</c>, in their order. They are written after the known ones.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> UnknownMembers { get; init; } = [];

    /// <summary>
    /// False for a name that no file can have, or that leads out of its directory: <c>.</c>, <c>..</c>, and any name with a separator or
    /// NUL. No backup creates a tree with such a name.
    /// </summary>
    public bool HasSafeName =>
        Name.Span is not ([(byte)'.'] or [(byte)'.', (byte)'.'])
        && !Name.Span.ContainsAny((byte)'/', (byte)0)
        && !(OperatingSystem.IsWindows() && Name.Span.ContainsAny((byte)'\\', (byte)':'));

    /// <summary>The name for people; bytes that are not UTF-8 look like �.</summary>
    public string DisplayName => Encoding.UTF8.GetString(Name.Span);
}

/// <summary>Bits of <see cref="Node.Mode"/>, which are those of Go and not of Unix.</summary>
public static class NodeMode
{
    /// <summary>Read, write and execute for owner, group and others, as on Unix.</summary>
    public const uint Permissions = 0x1FF;

    /// <summary>A directory.</summary>
    public const uint Directory = 1u << 31;

    /// <summary>A symbolic link.</summary>
    public const uint Symlink = 1u << 27;

    /// <summary>A device; a block device without <see cref="CharacterDevice"/>.</summary>
    public const uint Device = 1u << 26;

    /// <summary>A named pipe.</summary>
    public const uint Fifo = 1u << 25;

    /// <summary>A socket.</summary>
    public const uint Socket = 1u << 24;

    /// <summary>Runs as its owner.</summary>
    public const uint SetUserId = 1u << 23;

    /// <summary>Runs as its group.</summary>
    public const uint SetGroupId = 1u << 22;

    /// <summary>A character device, together with <see cref="Device"/>.</summary>
    public const uint CharacterDevice = 1u << 21;

    /// <summary>In this directory only owners delete.</summary>
    public const uint Sticky = 1u << 20;

    /// <summary>Something else.</summary>
    public const uint Irregular = 1u << 19;

    private const uint UnixSetUserId = 0x800;
    private const uint UnixSetGroupId = 0x400;
    private const uint UnixSticky = 0x200;

    /// <summary>The mode of a type with the twelve permission bits of Unix.</summary>
    public static uint FromUnix(NodeType type, uint unixMode) =>
        (unixMode & Permissions)
        | ((unixMode & UnixSetUserId) != 0 ? SetUserId : 0)
        | ((unixMode & UnixSetGroupId) != 0 ? SetGroupId : 0)
        | ((unixMode & UnixSticky) != 0 ? Sticky : 0)
        | (type switch
        {
            NodeType.Directory => Directory,
            NodeType.Symlink => Symlink,
            NodeType.BlockDevice => Device,
            NodeType.CharacterDevice => Device | CharacterDevice,
            NodeType.Fifo => Fifo,
            NodeType.Socket => Socket,
            NodeType.Irregular => Irregular,
            _ => 0,
        });

    /// <summary>The twelve permission bits of Unix.</summary>
    public static uint ToUnix(uint mode) =>
        (mode & Permissions)
        | ((mode & SetUserId) != 0 ? UnixSetUserId : 0)
        | ((mode & SetGroupId) != 0 ? UnixSetGroupId : 0)
        | ((mode & Sticky) != 0 ? UnixSticky : 0);
}
