namespace Halley.Client.Repository.Trees;

/// <summary>Types of nodes as trees name them.</summary>
internal static class NodeTypeText
{
    public static ReadOnlySpan<byte> Of(NodeType type) => type switch
    {
        NodeType.File => "file"u8,
        NodeType.Directory => "dir"u8,
        NodeType.Symlink => "symlink"u8,
        NodeType.BlockDevice => "dev"u8,
        NodeType.CharacterDevice => "chardev"u8,
        NodeType.Fifo => "fifo"u8,
        NodeType.Socket => "socket"u8,
        _ => "irregular"u8,
    };

    /// <summary>The type of a name; <see cref="NodeType.Irregular"/> for a name that this program does not know.</summary>
    public static NodeType Parse(string name) => name switch
    {
        "file" => NodeType.File,
        "dir" => NodeType.Directory,
        "symlink" => NodeType.Symlink,
        "dev" => NodeType.BlockDevice,
        "chardev" => NodeType.CharacterDevice,
        "fifo" => NodeType.Fifo,
        "socket" => NodeType.Socket,
        _ => NodeType.Irregular,
    };
}
