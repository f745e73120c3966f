using Halley.Client.Backup;
using Halley.Client.Repository.Caching;
using Halley.Client.Repository.Snapshots;

namespace Halley.Client.Repair;

/// <summary>How lost data is read again.</summary>
public sealed record HealingOptions
{
    /// <summary>
    /// Reads all packs byte by byte in search of damage. Otherwise only packs are found that are missing, have another size, or hold a
    /// directory that cannot be read.
    /// </summary>
    public bool ReadsData { get; init; }

    /// <summary>Where this machine keeps copies of directories, which may have what the vault has lost; null for nowhere.</summary>
    public MetadataCacheOptions? Cache { get; init; }

    /// <summary>
    /// How this machine made a snapshot, so that its lost directories can be made again from those on disk; null for a snapshot of another
    /// machine. Files are read wherever they are still at their place.
    /// </summary>
    public Func<Snapshot, BackupOptions?> MadeWith { get; init; } = static _ => null;

    /// <summary>Whether a path of this machine may be read.</summary>
    public Func<string, bool> Allows { get; init; } = static _ => true;

    /// <summary>Receives the number of packs that were looked at, and of all, from one thread at a time.</summary>
    public Action<int, int>? OnPack { get; init; }
}
