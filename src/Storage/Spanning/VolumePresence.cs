using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>
/// Whether a volume is present, and whether its disk accepts writes. Every result about a volume's files is checked against this, because
/// an empty mount point looks like a volume that has lost all its files.
/// </summary>
internal sealed class VolumePresence(DiskCalls disk, VolumeSettings settings, Guid id, string path)
{
    private static readonly TimeSpan PauseAfterFailedWrite = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WritesAreTriedEvery = TimeSpan.FromSeconds(30);
    private static readonly byte[] Block = new byte[4096];
    private const long RoomOfAFullDisk = 1 << 20;
    private readonly TimeProvider _time = settings.Time;
    private readonly VolumeLease? _lease =
        settings.Owner is { } owner ? new VolumeLease(disk, owner(), settings.Time, path) : null;

    private readonly Lock _lookGate = new();
    private Task? _look;
    private byte[]? _marker; // as it was found to be right; looked at on every "absent", hence compared rather than parsed
    private long _writeFailedAt;
    private volatile string? _problem;
    private volatile string? _writeProblem;
    private long _triedToWriteAt;
    private long _failedWrites;
    private long _lookTicks;
    private volatile bool _isSilent;
    private volatile bool _hasFolders;
    private volatile bool _isUncertain; // no descriptor was left to look, so it counts as before, and nothing on it as absent

    /// <summary>Why it is offline, in one sentence for an administrator; null when it is online.</summary>
    public string? Problem => _problem;

    /// <summary>True when only the lease of another server keeps this one from it.</summary>
    public bool IsUsedElsewhere => _problem is { } problem && problem == _lease?.Problem;

    /// <summary>Why no file can be written, in one sentence; null when one can, or when it was never tried.</summary>
    public string? WriteProblem => _writeProblem;

    /// <summary>True when a write failed a moment ago; such a volume is tried last.</summary>
    public bool WriteFailedLately =>
        Interlocked.Read(ref _writeFailedAt) is var at && at != 0 && _time.GetElapsedTime(at) < PauseAfterFailedWrite;

    /// <summary>Writes that failed since the start.</summary>
    public long FailedWrites => Interlocked.Read(ref _failedWrites);

    /// <summary>How long the last look took.</summary>
    public TimeSpan LookTook => new(Interlocked.Read(ref _lookTicks));

    public void Release() => _lease?.Release();

    public void ReportFailedWrite()
    {
        Interlocked.Increment(ref _failedWrites);
        Interlocked.Exchange(ref _writeFailedAt, _time.GetTimestamp());
    }

    /// <summary>
    /// Checks the marker now, except on a volume that was found unresponsive: a call to an unresponsive disk can block indefinitely.
    /// </summary>
    public bool Probe()
    {
        if (_isSilent)
        {
            return false;
        }

        Look();
        return _problem is null;
    }

    /// <summary>
    /// Checks the marker and waits for a limited time. A network disk whose server is gone never responds, and would block every request
    /// that touches it. While it is unresponsive, it counts as offline, and no second check starts beside the pending one.
    /// </summary>
    public async Task<bool> ProbeAsync(TimeSpan patience, bool isWritten, CancellationToken cancellationToken)
    {
        Task look;
        lock (_lookGate)
        {
            look = _look = _look is { IsCompleted: false } waiting ? waiting : Task.Run(() => Look(isWritten), CancellationToken.None);
        }

        try
        {
            await look.WaitAsync(patience, _time, cancellationToken);
            _isSilent = false;
        }
        catch (TimeoutException)
        {
            _isSilent = true;
            _problem = $"It has not answered for {patience.TotalSeconds:0} seconds. Is it a network disk whose server is gone?";
        }

        return _problem is null;
    }

    /// <summary>Throws unless the volume is online, because only then is a missing file really absent.</summary>
    /// <exception cref="BlobStoreException">The volume is offline, or the process may open no more files to find that out.</exception>
    public void EnsureOnline()
    {
        if (_problem is not null || !Probe())
        {
            throw Offline();
        }

        if (_isUncertain)
        {
            throw Exhausted();
        }
    }

    /// <summary>Makes sure that the disk itself can still be read, and not only the cache.</summary>
    /// <exception cref="BlobStoreException">It cannot.</exception>
    public void EnsureReadable()
    {
        try
        {
            using var marker = disk.OpenRead(Path.Combine(path, VolumeLayout.Marker))
                ?? throw new FileNotFoundException("The marker is gone.");
            disk.ForgetCached(marker);
            Span<byte> bytes = stackalloc byte[16];
            _ = disk.Read(marker, bytes, 0);
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw Explain(error);
        }
    }

    public BlobStoreException Offline(Exception? cause = null) => new(BlobStoreFault.Offline, $"Volume {id} is offline.", cause);

    /// <summary>
    /// Translates an error of the disk: either the volume is gone, or the disk failed. A process that may open no more files says nothing
    /// about the disk; the call works once others have ended.
    /// </summary>
    public BlobStoreException Explain(Exception error) => Errno.IsOutOfDescriptors(error)
        ? Exhausted(error)
        : Probe()
        ? new BlobStoreException(BlobStoreFault.DiskError, $"Volume {id} reported an error.", error)
        : Offline(error);

    private static BlobStoreException Exhausted(Exception? cause = null) =>
        new(BlobStoreFault.Exhausted, "The server's process may open no more files.", cause);

    private void Look(bool isWritten)
    {
        var start = _time.GetTimestamp();
        if (_lease is not null && FindProblem() is null)
        {
            _lease.Renew();
        }

        Look();
        if (!isWritten)
        {
            _writeProblem = null;
        }
        else if (_problem is null && IsWriteDue())
        {
            _triedToWriteAt = _time.GetTimestamp();
            _writeProblem = FindWriteProblem();
        }

        Interlocked.Exchange(ref _lookTicks, _time.GetElapsedTime(start).Ticks);
    }

    // While something is wrong every look tries again, so that the volume is back as soon as it can be.
    private bool IsWriteDue() =>
        _writeProblem is not null || WriteFailedLately || _triedToWriteAt == 0
        || _time.GetElapsedTime(_triedToWriteAt) > WritesAreTriedEvery;

    // The only certain way: a file system can be read-only, damaged, out of inodes or owned by somebody else.
    private string? FindWriteProblem()
    {
        var probe = Path.Combine(path, StagingDirectory.Name, $"probe-{Guid.NewGuid():N}");
        try
        {
            using (var file = disk.CreateNew(probe))
            {
                try
                {
                    disk.Write(file, Block, 0);
                    if (settings.Flush == FlushPolicy.Full)
                    {
                        disk.Flush(file);
                    }
                }
                finally
                {
                    disk.Delete(probe);
                }
            }

            return null;
        }
        catch (Exception error) when (Errno.IsNoSpace(error))
        {
            // A full disk is no fault: the room on it shows that. Without a free inode it has room all the same.
            return disk.Space(path).Free > RoomOfAFullDisk ? "It takes no more files although it has room. Are its inodes used up?" : null;
        }
        catch (Exception error) when (Errno.IsOutOfDescriptors(error))
        {
            return _writeProblem;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            return error.HResult == Errno.ReadOnlyFileSystem ? "Its file system is mounted read-only."
                : error is UnauthorizedAccessException ? "The server's user has no right to write to it."
                : $"Nothing can be written to it: {error.Message.TrimEnd('.')}.";
        }
    }

    private void Look()
    {
        var problem = FindProblem() ?? _lease?.Problem;
        if (problem is null && !_hasFolders)
        {
            CreateFolders();
        }

        _problem = problem;
    }

    // A volume on which the folders cannot be created can still be read. Writes to it fail and go to another volume.
    private void CreateFolders()
    {
        try
        {
            VolumeLayout.CreateFolders(disk, settings.Flush, path);
            _hasFolders = true;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            ReportFailedWrite();
        }
    }

    private string? FindProblem()
    {
        try
        {
            var read = VolumeMarker.Read(disk, path);
            _isUncertain = false;
            if (read is not { } marker)
            {
                return $"There is no {VolumeLayout.Marker} in it. Is the disk mounted?";
            }

            if (marker.AsSpan().SequenceEqual(_marker))
            {
                return null;
            }

            if (VolumeMarker.Parse(marker) is var found && found != id)
            {
                return $"Its {VolumeLayout.Marker} belongs to another volume ({found}).";
            }

            _marker = marker;
            return null;
        }
        catch (Exception error) when (Errno.IsOutOfDescriptors(error) && _marker is not null)
        {
            _isUncertain = true;
            return _problem;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            return $"Its {VolumeLayout.Marker} cannot be read: {error.Message}";
        }
    }
}
