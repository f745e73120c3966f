using Halley.Client.Backup.FileSystem;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Backup;

/// <summary>Compares what is on disk with what a snapshot says.</summary>
internal sealed class NodeComparison : IEqualityComparer<Node>
{
    /// <summary>Equal are nodes that would be written alike.</summary>
    public static readonly NodeComparison Instance = new();

    /// <summary>True when the content of a file need not be read: as restic decides it.</summary>
    public static bool IsUnchanged(in FileStatus status, Node before, BackupOptions options) =>
        before is { Type: NodeType.File, Content: not null }
        && status.Size == before.Size
        && status.ModifyTime.IsSameInstant(before.ModifyTime)
        && (options.IgnoresChangeTime || options.IgnoresInode || status.ChangeTime.IsSameInstant(before.ChangeTime))
        && (options.IgnoresInode || status.Inode == before.Inode);

    /// <summary>True when both would be written alike, except for the zone in which times are written.</summary>
    private static bool IsSame(Node left, Node right) =>
        left.Name.Span.SequenceEqual(right.Name.Span)
        && left.Type == right.Type
        && left.Mode == right.Mode
        && left.ModifyTime.IsSameInstant(right.ModifyTime)
        && left.AccessTime.IsSameInstant(right.AccessTime)
        && left.ChangeTime.IsSameInstant(right.ChangeTime)
        && (left.UserId, left.GroupId, left.Inode, left.DeviceId) == (right.UserId, right.GroupId, right.Inode, right.DeviceId)
        && (left.Size, left.Links, left.Device, left.Subtree) == (right.Size, right.Links, right.Device, right.Subtree)
        && left.User == right.User
        && left.Group == right.Group
        && left.LinkTarget.Span.SequenceEqual(right.LinkTarget.Span)
        && left.ExtendedAttributes.SequenceEqual(right.ExtendedAttributes, XattrComparer.Instance)
        && left.GenericAttributes.Span.SequenceEqual(right.GenericAttributes.Span)
        && (left.Content is null ? right.Content is null : right.Content is not null && left.Content.SequenceEqual(right.Content))
        && left.Error == right.Error
        && left.UnknownMembers.Count == 0
        && right.UnknownMembers.Count == 0;

    public bool Equals(Node? x, Node? y) => ReferenceEquals(x, y) || (x is not null && y is not null && IsSame(x, y));

    public int GetHashCode(Node obj) => HashCode.Combine(obj.Inode, obj.Size, obj.ModifyTime.UnixSeconds);

    private sealed class XattrComparer : IEqualityComparer<NodeXattr>
    {
        public static readonly XattrComparer Instance = new();

        public bool Equals(NodeXattr? x, NodeXattr? y) =>
            ReferenceEquals(x, y) || (x is not null && y is not null && x.Name == y.Name && x.Value.Span.SequenceEqual(y.Value.Span));

        public int GetHashCode(NodeXattr obj) => obj.Name.GetHashCode(StringComparison.Ordinal);
    }
}
