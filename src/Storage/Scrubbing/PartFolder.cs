using Halley.Storage.Disk;

namespace Halley.Storage.Scrubbing;

/// <summary>Something in a bucket's folder that is no file of a vault.</summary>
internal readonly record struct Stray(string Path, long? Length, string Reason);

/// <summary>
/// The content of the folder of one part: the vault's files in the order in which the disk reads them fastest, and its stray entries.
/// </summary>
internal sealed record PartFolder(IReadOnlyList<BlobName> Files, IReadOnlyList<Stray> Strays)
{
    /// <summary>For this long, an entry that looks like an unfinished file is left alone.</summary>
    private static readonly TimeSpan LongestWay = TimeSpan.FromDays(1);

    public static PartFolder Read(VaultDirectory vault, ScrubPart part)
    {
        var files = new List<(ulong Inode, BlobName Name)>();
        var strays = new List<Stray>();
        foreach (var entry in vault.Entries(part.Folder))
        {
            if (NameOf(entry, part) is { } name)
            {
                files.Add((entry.Inode, name));
            }
            else if (!IsExpected(entry, part))
            {
                Add(strays, vault, part.Folder, entry);
            }
        }

        if (part.Type == BlobType.Config)
        {
            foreach (var entry in vault.Entries("data").Where(entry => !entry.IsDirectory || !IsFan(entry.Name)))
            {
                Add(strays, vault, "data", entry);
            }
        }

        return new PartFolder([.. files.OrderBy(file => file.Inode).Select(file => file.Name)], strays);
    }

    private static BlobName? NameOf(DiskEntry entry, ScrubPart part) => part.Type switch
    {
        _ when entry.IsDirectory => null,
        BlobType.Config => entry.Name == "config" ? BlobName.Config : null,
        var type => BlobName.IsId(entry.Name) && entry.Name.StartsWith(part.Digits, StringComparison.Ordinal)
            ? BlobName.Of(type, entry.Name)
            : null,
    };

    private static bool IsExpected(DiskEntry entry, ScrubPart part) =>
        part.Type == BlobType.Config && entry.IsDirectory && BlobName.TryParseCollection(entry.Name, out _);

    private static bool IsFan(string name) => name.Length == 2 && name.All(char.IsAsciiHexDigitLower);

    private static void Add(List<Stray> strays, VaultDirectory vault, string folder, DiskEntry entry)
    {
        if (!LooksUnfinished(entry.Name) || vault.Now() - entry.Changed > LongestWay)
        {
            strays.Add(new Stray(
                (folder.Length == 0 ? entry.Name : $"{folder}/{entry.Name}") + (entry.IsDirectory ? "/" : ""),
                entry.IsDirectory || entry.Length < 0 ? null : entry.Length, ReasonFor(entry)));
        }
    }

    // How copying tools call a file while it is on its way: .name.Xy12, name.part, name-tmp-123
    private static bool LooksUnfinished(string name) =>
        name.StartsWith('.') || name.EndsWith('~')
            || name.Contains("tmp", StringComparison.OrdinalIgnoreCase) || name.Contains(".part", StringComparison.OrdinalIgnoreCase);

    private static string ReasonFor(DiskEntry entry) => entry switch
    {
        { IsDirectory: true } => "No vault has a folder of this name here.",
        _ when BlobName.IsId(entry.Name) => "It is in the wrong folder, where no client finds it.",
        _ when BlobName.IsId(entry.Name.ToLowerInvariant()) => "Its name has upper-case digits; no client finds it.",
        _ when LooksUnfinished(entry.Name) => "A tool left it unfinished.",
        _ => "It is no file of a vault.",
    };
}
