using Halley.Client.Repository.Trees;

namespace Halley.Client.Restore;

/// <summary>
/// Files of the snapshot that have several names, by file system and number. Only so many are remembered that memory stays bounded; the
/// names of further ones become files of their own.
/// </summary>
/// <typeparam name="TPlace">What a first name is remembered as.</typeparam>
internal sealed class HardLinks<TPlace>
    where TPlace : class
{
    private const int MostFiles = 1 << 20;

    private readonly Dictionary<(ulong FileSystem, ulong Number, ulong Size, int Content), TPlace> _places = [];

    /// <summary>Where the first name of a file was restored; null for a file with one name, and for the first name.</summary>
    public TPlace? Find(Node node) => node.Links > 1 && node.Inode != 0 && _places.TryGetValue(KeyOf(node), out var place) ? place : null;

    /// <summary>Remembers a first name.</summary>
    public void Add(Node node, TPlace place)
    {
        if (node.Links > 1 && node.Inode != 0 && _places.Count < MostFiles)
        {
            _places.TryAdd(KeyOf(node), place);
        }
    }

    // Numbers are used again when a file is deleted during a backup, so the content must be the same, too.
    private static (ulong, ulong, ulong, int) KeyOf(Node node)
    {
        var content = default(HashCode);
        foreach (var id in node.Content ?? [])
        {
            content.Add(id);
        }

        return (node.DeviceId, node.Inode, node.Size, content.ToHashCode());
    }
}
