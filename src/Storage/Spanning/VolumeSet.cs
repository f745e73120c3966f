using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>
/// The volumes of a server. They can be added and removed while everything runs: each operation works on the set as it was when it began.
/// </summary>
public sealed class VolumeSet : IDisposable
{
    private readonly DiskCalls _disk;
    private readonly VolumeSettings _settings;
    private readonly Lock _changes = new();
    private volatile Volume[] _volumes = [];

    /// <summary>An empty set.</summary>
    /// <param name="settings">Settings shared by the volumes.</param>
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

    /// <summary>
    /// The number of the file system that a path is on; for a path that does not exist, that on which it would be made. Null when unknown.
    /// </summary>
    public ulong? DeviceOf(string path)
    {
        for (var here = path; here is not null; here = Path.GetDirectoryName(here))
        {
            if (_disk.Device(here) is { } device)
            {
                return device;
            }
        }

        return null;
    }

    internal Volume[] Current => _volumes;

    internal DateTimeOffset Now => _settings.Time.GetUtcNow();

    internal Placement Placement { get; }

    internal BlobGates Gates { get; } = new();

    /// <summary>
    /// Makes a directory a volume and returns its id. A directory that is already marked keeps its id and its files. The volume does not
    /// yet belong to the set.
    /// </summary>
    /// <param name="path">Absolute path; created when it does not exist.</param>
    /// <exception cref="BlobStoreException">The directory cannot be created, or its marker is damaged.</exception>
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

    /// <summary>Why another server has the volume in a directory, in one sentence; null if none has.</summary>
    /// <exception cref="BlobStoreException">The disk failed.</exception>
    public string? FindOtherOwner(string path)
    {
        try
        {
            return LeaseOf(path)?.FindOther();
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw new BlobStoreException(BlobStoreFault.DiskError, $"The owner of the volume cannot be read: {error.Message}", error);
        }
    }

    /// <summary>
    /// Takes the lease of a volume from the server that has it, whose processes must be gone. Returns the reason, in one sentence, when the
    /// volume is not at the path; then nothing changes.
    /// </summary>
    /// <exception cref="BlobStoreException">The disk failed.</exception>
    public string? TakeOver(Guid id, string path)
    {
        var there = new Volume(_disk, id, path, _settings);
        if (!there.Probe())
        {
            return there.Problem;
        }

        try
        {
            LeaseOf(path)?.TakeOver();
            return null;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw new BlobStoreException(BlobStoreFault.DiskError, $"The volume cannot be taken over: {error.Message}", error);
        }
    }

    /// <summary>
    /// Adds a volume that was marked before. When its marker is missing or foreign, it is added offline. It becomes online when a later
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

    /// <summary>Like <see cref="Add"/>, but a disk that does not answer in time is added offline.</summary>
    public async Task<Volume> AddAsync(Guid id, string path, bool isWritable, TimeSpan patience, CancellationToken cancellationToken)
    {
        var volume = new Volume(_disk, id, path, _settings) { IsWritable = isWritable };
        await volume.ProbeAsync(patience, cancellationToken);
        lock (_changes)
        {
            _volumes = [.. _volumes, volume];
        }

        return volume;
    }

    /// <summary>
    /// Changes the path of a volume. Running uploads finish on the old path. Returns the reason, in one sentence, when the volume is not at
    /// the new path, does not answer in time or belongs to another server; then nothing changes.
    /// </summary>
    public async Task<string?> RelocateAsync(Volume volume, string path, TimeSpan patience, CancellationToken cancellationToken)
    {
        var there = new Volume(_disk, volume.Id, path, _settings) { IsWritable = volume.IsWritable };
        if (!await there.ProbeAsync(patience, cancellationToken))
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

        volume.Release();
    }

    /// <summary>Lets other servers use the volumes.</summary>
    public void Dispose()
    {
        foreach (var volume in _volumes)
        {
            volume.Release();
        }
    }

    /// <summary>The files of one bucket on all volumes. Keep one object per bucket: it guards the bucket's config.</summary>
    /// <param name="bucketId">The bucket.</param>
    /// <param name="hold">Whether its deleted files are held; null for never.</param>
    public IBlobStore OpenBucket(string bucketId, DeleteHold? hold = null) => new SpannedBlobStore(this, bucketId, hold);

    private VolumeLease? LeaseOf(string path) =>
        _settings.Owner is { } owner ? new VolumeLease(_disk, owner(), _settings.Time, path) : null;

    /// <exception cref="BlobStoreException">A volume is offline.</exception>
    internal Volume[] AllOnline()
    {
        var volumes = _volumes;
        foreach (var volume in volumes)
        {
            volume.EnsureOnline();
        }

        return volumes;
    }
}
