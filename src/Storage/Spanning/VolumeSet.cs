using Halley.Storage.Disk;
using Halley.Storage.Trash;

namespace Halley.Storage.Spanning;

/// <summary>
/// The volumes of a server. They can be added and removed while everything runs: each operation works on the set as it was when it began.
/// </summary>
public sealed class VolumeSet
{
    private readonly DiskCalls _disk;
    private readonly VolumeSettings _settings;
    private readonly Lock _changes = new();
    private volatile Volume[] _volumes = [];

    /// <summary>An empty set.</summary>
    /// <param name="settings">What the volumes have in common.</param>
    /// <param name="placementSeed">Start of the sequence by which new files are placed.</param>
    public VolumeSet(VolumeSettings settings, ulong placementSeed)
        : this(DiskCalls.Real, settings, placementSeed)
    {
    }

    internal VolumeSet(DiskCalls disk, VolumeSettings settings, ulong placementSeed)
    {
        _disk = disk;
        _settings = settings;
        Placement = new Placement(placementSeed);
    }

    /// <summary>The volumes as they are now, a copy that does not change.</summary>
    public IReadOnlyList<Volume> All => _volumes;

    /// <summary>The volume with an id; null when it is not in the set.</summary>
    public Volume? Find(Guid id) => Array.Find(_volumes, volume => volume.Id == id);

    /// <summary>Draws one of several volumes as new files are placed: at random, weighted by room. -1 when none has any.</summary>
    public int Draw(ReadOnlySpan<long> room) => Placement.Choose(room);

    internal Volume[] Current => _volumes;

    internal DateTimeOffset Now => _settings.Time.GetUtcNow();

    internal Placement Placement { get; }

    internal BlobGates Gates { get; } = new();

    /// <summary>
    /// Makes a directory a volume and returns its id. One that is marked already keeps its id and its files. It does not yet belong to the set.
    /// </summary>
    /// <param name="path">Absolute path; made when it does not exist.</param>
    /// <exception cref="BlobStoreException">The directory cannot be made, or its marker is damaged.</exception>
    public Guid Mark(string path)
    {
        try
        {
            var existing = VolumeMarker.Read(_disk, path);
            VolumeLayout.CreateFolders(_disk, _settings.Flush, path);
            if (existing is not null)
            {
                return VolumeMarker.Parse(existing);
            }

            var id = Guid.NewGuid();
            VolumeMarker.Write(_disk, _settings.Flush, path, id);
            return id;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw new BlobStoreException(BlobStoreFault.DiskError, $"The directory cannot be made a volume: {error.Message}", error);
        }
    }

    /// <summary>
    /// Adds a volume that was marked before. When its marker is missing or foreign it is added offline, and comes online when a later
    /// <see cref="Volume.Probe"/> finds the marker.
    /// </summary>
    public Volume Add(Guid id, string path, bool isWritable)
    {
        var volume = new Volume(_disk, id, path, _settings) { IsWritable = isWritable };
        volume.Probe();
        lock (_changes)
        {
            _volumes = [.. _volumes, volume];
        }

        return volume;
    }

    /// <summary>
    /// Reaches a volume under another path from now on; uploads that are on their way end on the old one. The reason, in one sentence, when
    /// the volume is not there: then nothing changes.
    /// </summary>
    public string? Relocate(Volume volume, string path)
    {
        var there = new Volume(_disk, volume.Id, path, _settings) { IsWritable = volume.IsWritable };
        if (!there.Probe())
        {
            return there.Problem;
        }

        lock (_changes)
        {
            _volumes = [.. _volumes.Select(other => other == volume ? there : other)];
        }

        return null;
    }

    /// <summary>Takes a volume out of the set. Its files stay where they are.</summary>
    public void Remove(Volume volume)
    {
        lock (_changes)
        {
            _volumes = [.. _volumes.Where(other => other != volume)];
        }
    }

    /// <summary>The files of one bucket on all volumes. One object per bucket is to be kept: it guards the bucket's config.</summary>
    /// <param name="bucketId">The bucket.</param>
    /// <param name="hold">Says whether its deleted files are held; null for never.</param>
    public IBlobStore OpenBucket(string bucketId, DeleteHold? hold = null) => new SpannedBlobStore(this, bucketId, hold);

    /// <summary>The deleted files of one bucket on the volumes that there are now.</summary>
    public BucketTrash OpenTrash(string bucketId) => new(this, bucketId);

    /// <summary>
    /// Takes a bucket's files away on every volume. They are gone for readers when this returns; the space comes back with
    /// <see cref="Volume.EmptyBucketTrash"/>. Can be repeated after a crash.
    /// </summary>
    /// <param name="bucketId">The bucket.</param>
    /// <param name="holdDays">Days for which its files and what was deleted of it are held; 0 for none.</param>
    /// <param name="deletedAt">When it was deleted, the same on all volumes and in all attempts: by it they belong together; null for now.</param>
    /// <exception cref="BlobStoreException">A volume is offline; those before it have discarded the bucket already.</exception>
    public void DiscardBucket(string bucketId, int holdDays = 0, DateTimeOffset? deletedAt = null)
    {
        foreach (var volume in AllOnline())
        {
            volume.DiscardBucket(bucketId, holdDays, deletedAt ?? Now);
        }
    }

    /// <summary>What every volume holds of discarded buckets.</summary>
    /// <exception cref="BlobStoreException">A volume is offline, or a disk failed: it would not be the whole list.</exception>
    public IReadOnlyList<(Volume Volume, HeldBucket Folder)> HeldBuckets() =>
        [.. AllOnline().SelectMany(volume => volume.HeldBuckets().Select(folder => (volume, folder)))];

    /// <summary>
    /// Gives a bucket that was discarded its files and its trash back, on every volume what it has, as of its latest deletion. Returns the days for
    /// which it was held; null when it is held nowhere. Can be repeated after a crash.
    /// </summary>
    /// <exception cref="BlobStoreException">A volume is offline, or a disk failed.</exception>
    public int? RestoreBucket(string bucketId)
    {
        var held = HeldBuckets().Where(one => one.Folder.BucketId == bucketId).ToList();
        if (held.Count == 0)
        {
            return null;
        }

        var latest = held.Max(one => one.Folder.DeletedAt);
        var folders = held.Where(one => one.Folder.DeletedAt == latest).ToList();
        foreach (var (volume, folder) in folders)
        {
            volume.GiveBack(folder);
        }

        return folders.Max(one => one.Folder.Days);
    }

    private Volume[] AllOnline()
    {
        var volumes = _volumes;
        foreach (var volume in volumes)
        {
            volume.EnsureOnline();
        }

        return volumes;
    }
}
