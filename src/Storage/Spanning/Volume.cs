using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>
/// A directory, usually the mount point of a disk, that holds a share of every bucket. It is known by the id in its marker file; while
/// the marker is missing or foreign, it is offline: nothing on it is believed to be absent, and nothing is written to it.
/// </summary>
public sealed partial class Volume
{
    private static readonly TimeSpan PauseAfterFailedWrite = TimeSpan.FromSeconds(30);
    private readonly DiskCalls _disk;
    private readonly FlushPolicy _flush;
    private readonly TimeProvider _time;
    private volatile string? _problem;
    private byte[]? _marker; // as it was found to be right; looked at on every answer "absent", hence compared rather than parsed
    private long _writeFailedAt;
    private volatile bool _isWritable = true;
    private volatile bool _hasFolders;

    internal Volume(DiskCalls disk, Guid id, string path, VolumeSettings settings)
    {
        _disk = disk;
        _flush = settings.Flush;
        _time = settings.Time;
        Id = id;
        Path = System.IO.Path.TrimEndingDirectorySeparator(path);
        Space = new VolumeSpace(() => disk.Space(Path), settings.Reserve, settings.Time);
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
    public string? Problem => _problem;

    /// <summary>Free bytes, size and reserve of its file system, as the disk said within the last second.</summary>
    /// <param name="isFresh">True to ask the disk now: files that were just deleted count.</param>
    /// <exception cref="BlobStoreException">It is offline.</exception>
    public (long Free, long Total, long Reserve) ReadSpace(bool isFresh = false) => Try(() => Space.Now(isFresh));

    /// <summary>Everything in its quarantine, with the path below <c>.quarantine</c>.</summary>
    public IReadOnlyList<(string KeptAs, QuarantineFacts Facts)> ListQuarantine() =>
        Try(() => QuarantineFolder.Read(_disk, Below(VolumeLayout.Quarantine)).ToList());

    internal VolumeSpace Space { get; }

    /// <summary>True when a write failed a moment ago; such a volume is tried last.</summary>
    internal bool WriteFailedLately =>
        Interlocked.Read(ref _writeFailedAt) is var at && at != 0 && _time.GetElapsedTime(at) < PauseAfterFailedWrite;

    internal void ReportFailedWrite() => Interlocked.Exchange(ref _writeFailedAt, _time.GetTimestamp());

    internal VaultDirectory Bucket(string bucketId) =>
        new(_disk, _flush, new(
            Below(VolumeLayout.Buckets), BucketPath(bucketId), Below(StagingDirectory.Name), Below(VolumeLayout.Quarantine, bucketId),
            Below(VolumeLayout.FileTrash, bucketId), Id, bucketId));

    /// <summary>Deletes what crashed processes left in the staging directory; returns how many files that were.</summary>
    public int SweepStaging() => Try(() => StagingDirectory.Sweep(_disk, Below(StagingDirectory.Name)));

    /// <summary>Deletes unfinished uploads that were left longer ago than <paramref name="age"/>; returns their names.</summary>
    internal IReadOnlyList<string> SweepStaging(TimeSpan age) => Try(() => StagingDirectory.Sweep(_disk, Below(StagingDirectory.Name), age));

    /// <summary>What is no folder where only folders of buckets belong.</summary>
    internal IReadOnlyList<string> ListStrays() =>
        Try(() => _disk.Names(Below(VolumeLayout.Buckets)).Except(_disk.Directories(Below(VolumeLayout.Buckets))).ToList());

    /// <summary>The buckets that have a folder here.</summary>
    public IReadOnlyList<string> ListBuckets() => Try(() => _disk.Directories(Below(VolumeLayout.Buckets)));

    /// <summary>True while files are on their way to it. Once it is no longer <see cref="IsWritable"/>, no new ones begin.</summary>
    public bool IsBeingWritten => Space.HasPromises;

    /// <summary>True when any bucket has a file here, or files are held here that were deleted.</summary>
    public bool HoldsFiles() => Try(() => ListBuckets().Any(bucket => FilesOf(bucket).Any()) || HeldFiles().Any());

    /// <summary>
    /// Every file in buckets here, read folder by folder: what is moved to it or away from it meanwhile may be missed or listed although it has gone.
    /// </summary>
    /// <exception cref="BlobStoreException">It went offline, or a folder cannot be read.</exception>
    public IEnumerable<VolumeFile> Files()
    {
        foreach (var bucketId in ListBuckets())
        {
            var vault = Bucket(bucketId);
            if (Try(() => vault.Length(BlobName.Config)) is { } config)
            {
                yield return new VolumeFile(bucketId, BlobName.Config, config);
            }

            foreach (var type in BlobName.Collections)
            {
                foreach (var entry in VaultDirectory.PartsOf(type).SelectMany(part => Try(() => vault.Files(type, part).ToList())))
                {
                    yield return new VolumeFile(bucketId, BlobName.Of(type, entry.Id), entry.Length);
                }
            }
        }
    }

    /// <summary>Counts the files of a bucket here and their bytes, by walking its folder.</summary>
    public (long Files, long Bytes) Measure(string bucketId, CancellationToken cancellationToken) => Try(() =>
    {
        long files = 0, bytes = 0;
        foreach (var length in FilesOf(bucketId))
        {
            cancellationToken.ThrowIfCancellationRequested();
            files++;
            bytes += length;
        }

        return (files, bytes);
    });

    /// <summary>Makes sure that what was not found is really not here.</summary>
    /// <exception cref="BlobStoreException">The volume is offline.</exception>
    internal void EnsureOnline()
    {
        if (_problem is not null || !Probe())
        {
            throw Offline();
        }
    }

    /// <summary>Makes sure that the disk can still be read at all, and not only from memory.</summary>
    /// <exception cref="BlobStoreException">It cannot.</exception>
    internal void EnsureReadable()
    {
        try
        {
            using var marker = _disk.OpenRead(Below(VolumeLayout.Marker)) ?? throw new FileNotFoundException("The marker is gone.");
            _disk.ForgetCached(marker);
            Span<byte> bytes = stackalloc byte[16];
            _ = _disk.Read(marker, bytes, 0);
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw Explain(error);
        }
    }

    internal BlobStoreException Offline(Exception? cause = null) =>
        new(BlobStoreFault.Offline, $"Volume {Id} is offline.", cause);

    /// <summary>Turns an error of the disk into what it means: the volume has gone, or the disk failed.</summary>
    internal BlobStoreException Explain(Exception error) => Probe()
        ? new BlobStoreException(BlobStoreFault.DiskError, $"Volume {Id} reported an error.", error)
        : Offline(error);

    internal TResult Try<TResult>(Func<TResult> action)
    {
        try
        {
            EnsureOnline();
            var result = action();
            EnsureOnline(); // what was found is only true when the volume was there all the time
            return result;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw Explain(error);
        }
    }

    private IEnumerable<long> FilesOf(string bucketId)
    {
        var vault = Bucket(bucketId);
        if (vault.Length(BlobName.Config) is { } config)
        {
            yield return config;
        }

        foreach (var type in BlobName.Collections)
        {
            foreach (var entry in VaultDirectory.PartsOf(type).SelectMany(part => vault.Files(type, part)))
            {
                yield return entry.Length;
            }
        }
    }

    private string BucketPath(string bucketId) => Below(VolumeLayout.Buckets, bucketId);

    private string Below(params ReadOnlySpan<string> names) => System.IO.Path.Combine([Path, .. names]);
}

/// <summary>What all volumes of a server have in common.</summary>
/// <param name="Reserve">What is always left free.</param>
/// <param name="Flush">What an acknowledged upload promises.</param>
/// <param name="Time">The clock.</param>
public sealed record VolumeSettings(VolumeReserve Reserve, FlushPolicy Flush, TimeProvider Time);
