using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>
/// A directory, usually the mount point of a disk, that holds a share of every bucket. It is known by the id in its marker file; while
/// the marker is missing or foreign, it is offline: nothing on it is believed to be absent, and nothing is written to it.
/// </summary>
public sealed class Volume
{
    /// <summary>Name of the file that marks a directory as a volume.</summary>
    public const string MarkerName = VolumeLayout.Marker;

    private readonly VolumePresence _presence;
    private volatile bool _isWritable = true;

    internal Volume(DiskCalls disk, Guid id, string path, VolumeSettings settings)
    {
        (Disk, Flush, Id, Path) = (disk, settings.Flush, id, System.IO.Path.TrimEndingDirectorySeparator(path));
        Space = new VolumeSpace(() => disk.Space(Path), settings.Reserve, settings.Time);
        _presence = new VolumePresence(disk, settings, id, Path);
    }

    /// <summary>The id in its marker.</summary>
    public Guid Id { get; }

    /// <summary>Its directory.</summary>
    public string Path { get; }

    /// <summary>True when new files may be placed here.</summary>
    public bool IsWritable
    {
        get => _isWritable;
        set => _isWritable = value;
    }

    /// <summary>Why it is offline, in one sentence for an administrator; null when it is online.</summary>
    public string? Problem => _presence.Problem;

    /// <inheritdoc cref="VolumePresence.IsUsedElsewhere"/>
    public bool IsUsedElsewhere => _presence.IsUsedElsewhere;

    /// <summary>
    /// Why no file can be written to it although it is online, in one sentence for an administrator; null when one can, and while it is
    /// not <see cref="IsWritable"/>. Found by <see cref="ProbeAsync"/>.
    /// </summary>
    public string? WriteProblem => _isWritable ? _presence.WriteProblem : null;

    /// <summary>True when it is online, and new files may and can be placed here.</summary>
    public bool TakesFiles => _isWritable && Problem is null && WriteProblem is null;

    /// <summary>Free bytes, size and reserve of its file system, at most one second old.</summary>
    /// <param name="isFresh">True to measure now, so that recently deleted files count.</param>
    /// <exception cref="BlobStoreException">It is offline.</exception>
    public (long Free, long Total, long Reserve) ReadSpace(bool isFresh = false) => Try(() => Space.Now(isFresh));

    /// <summary>Writes to it that failed since the start; each was tried on another volume.</summary>
    public long FailedWrites => _presence.FailedWrites;

    /// <summary>How long the last <see cref="ProbeAsync"/> took, with a small write when one was due.</summary>
    public TimeSpan ProbeTook => _presence.LookTook;

    /// <summary>Files that its file system may still hold; null when that is unknown, unlimited or cannot be read.</summary>
    public long? FreeInodes => Problem is null ? Disk.FreeInodes(Path) : null;

    /// <summary>The number of its file system, which volumes on one disk share; null while it is offline or that is unknown.</summary>
    public ulong? Device => Problem is null ? Disk.Device(Path) : null;

    /// <summary>Everything in its quarantine, with the path below <c>.quarantine</c>.</summary>
    public IReadOnlyList<(string KeptAs, QuarantineFacts Facts)> ListQuarantine() =>
        Try(() => QuarantineFolder.Read(Disk, Below(VolumeLayout.Quarantine)).ToList());

    internal VolumeSpace Space { get; }

    internal DiskCalls Disk { get; }

    internal FlushPolicy Flush { get; }

    /// <inheritdoc cref="VolumePresence.WriteFailedLately"/>
    internal bool WriteFailedLately => _presence.WriteFailedLately;

    /// <summary>
    /// Checks the marker now and stores the result in <see cref="Problem"/>. A volume that <see cref="ProbeAsync"/> found unresponsive
    /// stays offline without a check: a call to an unresponsive disk can block indefinitely.
    /// </summary>
    public bool Probe() => _presence.Probe();

    /// <summary>
    /// Checks the marker, from time to time also whether a file can be written, and waits for a limited time. A network disk whose server
    /// is gone never responds, and would block every request that touches it. While it is unresponsive, it counts as offline.
    /// </summary>
    public Task<bool> ProbeAsync(TimeSpan patience, CancellationToken cancellationToken) =>
        _presence.ProbeAsync(patience, _isWritable, cancellationToken);

    /// <summary>Lets other servers use it from now on.</summary>
    internal void Release() => _presence.Release();

    internal void ReportFailedWrite() => _presence.ReportFailedWrite();

    internal VaultDirectory Bucket(string bucketId) =>
        new(Disk, Flush, new(
            Below(VolumeLayout.Buckets), BucketPath(bucketId), Below(StagingDirectory.Name), Below(VolumeLayout.Quarantine, bucketId),
            Below(VolumeLayout.FileTrash, bucketId), Id, bucketId));

    /// <summary>Deletes the leftovers of crashed processes in the staging directory; returns the number of files.</summary>
    public int SweepStaging() => Try(() => StagingDirectory.Sweep(Disk, Below(StagingDirectory.Name)));

    /// <summary>Deletes unfinished uploads that were left longer ago than <paramref name="age"/>; returns their names.</summary>
    internal IReadOnlyList<string> SweepStaging(TimeSpan age) => Try(() => StagingDirectory.Sweep(Disk, Below(StagingDirectory.Name), age));

    /// <summary>Entries that are not folders, in a place for folders of buckets only.</summary>
    internal IReadOnlyList<string> ListStrays() =>
        Try(() => Disk.Names(Below(VolumeLayout.Buckets)).Except(Disk.Directories(Below(VolumeLayout.Buckets))).ToList());

    /// <summary>The buckets that have a folder here.</summary>
    public IReadOnlyList<string> ListBuckets() => Try(() => Disk.Directories(Below(VolumeLayout.Buckets)));

    /// <summary>True while files are being written to it. Once it is no longer <see cref="IsWritable"/>, no new ones begin.</summary>
    public bool IsBeingWritten => Space.HasPromises;

    /// <summary>True when any bucket has a file here. Deleted files that are held are not counted.</summary>
    public bool HoldsFiles() => Files().Any();

    /// <summary>
    /// Lists every file of the buckets on this volume, folder by folder. A file that is moved meanwhile may be missing from the list, or
    /// listed although it is gone.
    /// </summary>
    /// <param name="unreadable">Called with each folder that cannot be read and is left out; null to throw instead.</param>
    /// <exception cref="BlobStoreException">It went offline, or a folder cannot be read; the message names it.</exception>
    public IEnumerable<VolumeFile> Files(Action<UnreadableFolder>? unreadable = null)
    {
        foreach (var file in ListBuckets().SelectMany(bucketId => FilesOf(bucketId, unreadable)))
        {
            yield return file;
        }
    }

    /// <summary>Counts the files of a bucket on this volume and their bytes, by walking its folder.</summary>
    /// <exception cref="BlobStoreException">The volume is offline, or a folder cannot be read; the message names it.</exception>
    public (long Files, long Bytes) Measure(string bucketId, CancellationToken cancellationToken)
    {
        long files = 0, bytes = 0;
        foreach (var file in FilesOf(bucketId, unreadable: null))
        {
            cancellationToken.ThrowIfCancellationRequested();
            files++;
            bytes += file.Length;
        }

        return (files, bytes);
    }

    /// <inheritdoc cref="VolumePresence.EnsureOnline"/>
    internal void EnsureOnline() => _presence.EnsureOnline();

    /// <inheritdoc cref="VolumePresence.EnsureReadable"/>
    internal void EnsureReadable() => _presence.EnsureReadable();

    internal BlobStoreException Offline() => _presence.Offline();

    internal BlobStoreException Unwritable() => new(BlobStoreFault.DiskError, $"Volume {Id} cannot be written.");

    /// <inheritdoc cref="VolumePresence.Explain"/>
    internal BlobStoreException Explain(Exception error) => _presence.Explain(error);

    /// <summary>
    /// Runs an action on the disk and translates its error. Its result counts only if the volume was online all the time.
    /// </summary>
    /// <exception cref="BlobStoreException">The volume is offline, or its disk failed.</exception>
    internal TResult Try<TResult>(Func<TResult> action)
    {
        try
        {
            EnsureOnline();
            var result = action();
            EnsureOnline();
            return result;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw Explain(error);
        }
    }

    private IEnumerable<VolumeFile> FilesOf(string bucketId, Action<UnreadableFolder>? unreadable)
    {
        var vault = Bucket(bucketId);
        if (Read<long?>(bucketId, BlobType.Config, "", () => vault.Length(BlobName.Config), unreadable) is { } config)
        {
            yield return new VolumeFile(bucketId, BlobName.Config, config);
        }

        foreach (var type in BlobName.Collections)
        {
            foreach (var part in VaultDirectory.PartsOf(type))
            {
                foreach (var entry in Read(bucketId, type, part, () => vault.Files(type, part).ToList(), unreadable) ?? [])
                {
                    yield return new VolumeFile(bucketId, BlobName.Of(type, entry.Id), entry.Length);
                }
            }
        }
    }

    private T? Read<T>(string bucketId, BlobType type, string part, Func<T> read, Action<UnreadableFolder>? unreadable)
    {
        try
        {
            return Try(read);
        }
        catch (BlobStoreException error) when (error.Fault == BlobStoreFault.DiskError)
        {
            var folder = UnreadableFolder.Of(bucketId, type, part, error);
            if (unreadable is null)
            {
                throw error.Naming($"{folder.Path} of bucket {bucketId} on volume {Id}");
            }

            unreadable(folder);
            return default;
        }
    }

    private string BucketPath(string bucketId) => Below(VolumeLayout.Buckets, bucketId);

    internal string Below(params ReadOnlySpan<string> names) => System.IO.Path.Combine([Path, .. names]);
}

/// <summary>Settings shared by all volumes of a server.</summary>
/// <param name="Reserve">Space that is always left free.</param>
/// <param name="Flush">How durable an acknowledged upload is.</param>
/// <param name="Time">The clock.</param>
/// <param name="Owner">The server, whose lease keeps other servers from its volumes; null for no lease.</param>
public sealed record VolumeSettings(VolumeReserve Reserve, FlushPolicy Flush, TimeProvider Time, Func<VolumeOwner>? Owner = null);
