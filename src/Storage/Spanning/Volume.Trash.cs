using Halley.Storage.Disk;
using Halley.Storage.Trash;

namespace Halley.Storage.Spanning;

// what was deleted on it: files that are held, and whole buckets
public sealed partial class Volume
{
    /// <summary>The buckets that have a folder for held files here, perhaps an empty one.</summary>
    public IReadOnlyList<string> ListTrashes() => Try(() => _disk.Directories(Below(VolumeLayout.FileTrash)));

    /// <summary>Counts the held files of a bucket here and their bytes.</summary>
    public (long Files, long Bytes) MeasureTrash(string bucketId, CancellationToken cancellationToken)
    {
        long files = 0, bytes = 0;
        foreach (var file in Walk(System.IO.Path.Combine(Path, VolumeLayout.Trash), System.IO.Path.Combine("files", bucketId)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            files++;
            bytes += file.Length;
        }

        return (files, bytes);
    }

    /// <summary>
    /// Every file here that is held, of buckets and of buckets that were deleted as a whole. A volume with any of them is not empty: they have to be
    /// moved with the rest.
    /// </summary>
    /// <exception cref="BlobStoreException">It went offline, or a folder cannot be read.</exception>
    public IEnumerable<HeldPath> HeldFiles()
    {
        var trash = Below(VolumeLayout.Trash);
        var held = Try(() => _disk.Directories(Below(VolumeLayout.BucketTrash)).Where(name => HeldBucketName.Parse(name) is not null).ToList());
        return Walk(trash, "files").Concat(held.SelectMany(name => Walk(trash, System.IO.Path.Combine("buckets", name))));
    }

    /// <summary>
    /// Takes a bucket's folder and its trash out of sight, each in one step; their bytes are removed by <see cref="EmptyBucketTrash"/>. Nothing
    /// happens when it has none.
    /// </summary>
    internal void DiscardBucket(string bucketId, int holdDays, DateTimeOffset deletedAt) => Try(() =>
    {
        var trash = Below(VolumeLayout.BucketTrash);
        DurableDirectory.Create(_disk, _flush, trash);
        foreach (var (folder, isTrash) in new[] { (BucketPath(bucketId), false), (Below(VolumeLayout.FileTrash, bucketId), true) })
        {
            var name = HeldBucketName.New(bucketId, isTrash, holdDays, deletedAt);
            _disk.MoveAway(folder, System.IO.Path.Combine(trash, name));
            if (_flush == FlushPolicy.Full)
            {
                // Also when it had gone: perhaps in a call that failed at this point. First where it went to: what is held must not get lost between the two.
                _disk.FlushDirectory(trash);
                _disk.FlushDirectory(System.IO.Path.GetDirectoryName(folder)!);
            }
        }

        return true;
    });

    /// <summary>Removes the files of discarded buckets. Goes on where it stopped when it is called again.</summary>
    /// <param name="cancellationToken">Stops between two buckets.</param>
    /// <param name="isDue">Says of a bucket that is held, by the UTC time of its deletion and its days, that it can go; null keeps them all.</param>
    public void EmptyBucketTrash(CancellationToken cancellationToken, Func<DateTime, int, bool>? isDue = null) => Try(() =>
    {
        foreach (var bucket in _disk.Directories(Below(VolumeLayout.BucketTrash)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (HeldBucketName.Parse(bucket) is not { } held || isDue?.Invoke(held.DeletedAt, held.Days) == true)
            {
                _disk.DeleteTree(Below(VolumeLayout.BucketTrash, bucket));
            }
        }

        return true;
    });

    internal DiskBlobReader? OpenHeld(HeldPath file)
    {
        if (_disk.OpenRead(PathOf(file)) is not { } handle)
        {
            return null;
        }

        try
        {
            return new DiskBlobReader(_disk, handle, _disk.LengthOf(handle));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    internal long? LengthOfHeld(HeldPath file) => _disk.Length(PathOf(file));

    internal DurableFile BeginHeld() => DurableFile.Begin(_disk, _flush, Below(StagingDirectory.Name));

    internal bool PublishHeld(DurableFile copy, HeldPath file)
    {
        var folder = System.IO.Path.GetDirectoryName(PathOf(file))!;
        DurableDirectory.Create(_disk, _flush, folder);
        FlushFoldersAbove(folder);
        return copy.Publish(PathOf(file));
    }

    /// <summary>Makes durable what a move that was killed has left under this name; false when there is nothing.</summary>
    internal bool EnsureHeldDurable(HeldPath file)
    {
        if (_flush == FlushPolicy.Full)
        {
            if (!_disk.FlushFile(PathOf(file)))
            {
                return false;
            }

            FlushFoldersAbove(PathOf(file));
        }

        return true;
    }

    internal void RemoveHeld(HeldPath file) => _disk.Delete(PathOf(file));

    // All of them: a process that was killed may have made a folder and not come to flushing the one above it.
    private void FlushFoldersAbove(string path)
    {
        var trash = Below(VolumeLayout.Trash);
        for (var folder = path; _flush == FlushPolicy.Full && folder != trash;)
        {
            folder = System.IO.Path.GetDirectoryName(folder)!;
            _disk.FlushDirectory(folder);
        }
    }

    private string PathOf(HeldPath file) => Below(VolumeLayout.Trash, file.Path);

    private IEnumerable<HeldPath> Walk(string root, string folder)
    {
        var path = System.IO.Path.Combine(root, folder);
        var folders = Try(() => _disk.Directories(path));
        foreach (var name in Try(() => _disk.Names(path)).Except(folders))
        {
            var file = System.IO.Path.Combine(folder, name);
            if (Try(() => _disk.Length(System.IO.Path.Combine(root, file))) is { } length)
            {
                yield return new HeldPath(file, length);
            }
        }

        foreach (var held in folders.SelectMany(name => Walk(root, System.IO.Path.Combine(folder, name))))
        {
            yield return held;
        }
    }
}
