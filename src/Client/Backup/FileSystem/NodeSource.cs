using Halley.Client.Repository.Trees;

namespace Halley.Client.Backup.FileSystem;

/// <summary>Makes nodes of what is on disk.</summary>
/// <param name="warn">Receives what could not be read although the node is good without it.</param>
internal sealed class NodeSource(Action<BytePath, string> warn)
{
    private readonly OwnerNames _owners = new();

    /// <summary>Everything of a node but the content of a file and the tree of a directory.</summary>
    /// <exception cref="SourceException">The target of a link cannot be read.</exception>
    public Node Read(BytePath path, ReadOnlyMemory<byte> name, in FileStatus status)
    {
        var type = status.Type;
        var modified = status.ModifyTime;
        return new Node
        {
            Name = name,
            Type = type,
            Mode = NodeMode.FromUnix(type, status.Mode),
            ModifyTime = modified,
            AccessTime = modified, // reading alone would make a new tree of every directory
            ChangeTime = status.ChangeTime,
            UserId = status.UserId,
            GroupId = status.GroupId,
            User = _owners.OfUser(status.UserId),
            Group = _owners.OfGroup(status.GroupId),
            Inode = status.Inode,
            DeviceId = status.FileSystem,
            Size = type == NodeType.File ? status.Size : 0,
            Links = type is NodeType.Directory or NodeType.Fifo ? 0 : status.Links,
            LinkTarget = type == NodeType.Symlink ? LinuxFiles.LinkTarget(path) : default,
            ExtendedAttributes = Attributes(path),
            Device = type is NodeType.BlockDevice or NodeType.CharacterDevice ? status.Device : 0,
        };
    }

    private IReadOnlyList<NodeXattr> Attributes(BytePath path)
    {
        try
        {
            return LinuxFiles.Attributes(path);
        }
        catch (SourceException error)
        {
            warn(path, error.Message);
            return [];
        }
    }
}
