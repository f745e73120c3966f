using Halley.Storage.Disk;
using Halley.Storage.Spanning;

namespace Halley.Storage.Trash;

/// <summary>
/// The deleted files that one volume holds: single files of buckets in <c>.trash/files</c>, and whole deleted buckets in
/// <c>.trash/buckets</c>. A volume with any of them is not empty: they have to be moved with the rest.
/// </summary>
/// <param name="volume">The volume.</param>
public sealed class VolumeTrash(Volume volume)
{
    private readonly DiskCalls _disk = volume.Disk;
    private readonly FlushPolicy _flush = volume.Flush;

    /// <summary>The buckets that have a folder for held files here, perhaps an empty one.</summary>
    /// <exception cref="BlobStoreException">The volume is offline, or its disk failed.</exception>
    public IReadOnlyList<string> ListBuckets() => volume.Try(() => _disk.Directories(volume.Below(VolumeLayout.FileTrash)));

    /// <summary>Counts the held files of a bucket here and their bytes.</summary>
    /// <exception cref="BlobStoreException">The volume is offline, or a folder cannot be read; the message names it.</exception>
    public (long Files, long Bytes) Measure(string bucketId, CancellationToken cancellationToken)
    {
        long files = 0, bytes = 0;
        foreach (var file in Walk(Path.Combine("files", bucketId), unreadable: null))
        {
            cancellationToken.ThrowIfCancellationRequested();
            files++;
            bytes += file.Length;
        }

        return (files, bytes);
    }

    /// <summary>Every file that is held here, of buckets and of buckets that were deleted as a whole.</summary>
    /// <param name="unreadable">Called with each folder or file that cannot be read and is left out; null to throw instead.</param>
    /// <exception cref="BlobStoreException">The volume went offline, or a folder cannot be read; the message names it.</exception>
    public IEnumerable<HeldPath> Files(Action<UnreadableTrash>? unreadable = null)
    {
        var held = Read(
            "buckets", path => _disk.Directories(path).Where(name => HeldBucketName.Parse(name) is not null).ToList(), unreadable);
        return Walk("files", unreadable).Concat((held ?? []).SelectMany(name => Walk(Path.Combine("buckets", name), unreadable)));
    }

    /// <summary>True when any file is held here.</summary>
    /// <exception cref="BlobStoreException">The volume is offline, or its disk failed.</exception>
    public bool HoldsFiles() => Files().Any();

    /// <summary>
    /// Removes the files of discarded buckets permanently. A repeated call continues where the last one stopped. A bucket that cannot be
    /// removed does not keep the others.
    /// </summary>
    /// <param name="cancellationToken">Stops between two buckets.</param>
    /// <param name="isDue">
    /// True for a held bucket that can go, by the UTC time of its deletion and its days; null keeps all held ones.
    /// </param>
    /// <exception cref="BlobStoreException">The volume is offline, or a bucket could not be removed; the message names it.</exception>
    public void RemoveBuckets(CancellationToken cancellationToken, Func<DateTime, int, bool>? isDue = null)
    {
        BlobStoreException? failed = null;
        foreach (var bucket in volume.Try(() => _disk.Directories(volume.Below(VolumeLayout.BucketTrash))))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (HeldBucketName.Parse(bucket) is not { } held || isDue?.Invoke(held.DeletedAt, held.Days) == true)
            {
                try
                {
                    Read(Path.Combine("buckets", bucket), Delete, unreadable: null);
                }
                catch (BlobStoreException error) when (error.Fault == BlobStoreFault.DiskError)
                {
                    failed ??= error;
                }
            }
        }

        if (failed is not null)
        {
            throw failed;
        }

        bool Delete(string path)
        {
            _disk.DeleteTree(path);
            return true;
        }
    }

    /// <summary>The folders of deleted buckets that are held here.</summary>
    internal IReadOnlyList<HeldBucket> HeldBuckets() =>
        volume.Try(() =>
            _disk.Directories(volume.Below(VolumeLayout.BucketTrash)).Select(HeldBucketName.Parse).OfType<HeldBucket>().ToList());

    /// <summary>Takes a bucket's folder and its trash out of sight, each in one step. Nothing happens when it has none.</summary>
    internal void DiscardBucket(string bucketId, int holdDays, DateTimeOffset deletedAt) => volume.Try(() =>
    {
        var trash = volume.Below(VolumeLayout.BucketTrash);
        DurableDirectory.Create(_disk, _flush, trash);
        foreach (var (folder, isTrash) in new[]
        {
            (volume.Below(VolumeLayout.Buckets, bucketId), false), (volume.Below(VolumeLayout.FileTrash, bucketId), true),
        })
        {
            var name = HeldBucketName.New(bucketId, isTrash, holdDays, deletedAt);
            _disk.MoveAway(folder, Path.Combine(trash, name));

            // Even if it was already gone: an earlier call may have failed at this point.
            FlushInOrder(trash, Path.GetDirectoryName(folder)!);
        }

        return true;
    });

    /// <summary>
    /// Restores a bucket's folder, in one step if nothing is in its place. After a drain, one volume may have two folders of a bucket; the
    /// files of the second are then restored one by one. Can be repeated after a crash.
    /// </summary>
    internal void GiveBack(HeldBucket held) => volume.Try(() =>
    {
        var from = volume.Below(VolumeLayout.BucketTrash, held.Folder);
        var to = volume.Below(held.IsTrash ? VolumeLayout.FileTrash : VolumeLayout.Buckets, held.BucketId);
        if (_disk.DirectoryExists(to))
        {
            Merge(from, to);
            if (!Walk(Path.Combine("buckets", held.Folder), unreadable: null).Any())
            {
                _disk.DeleteTree(from); // only folders
            }
        }
        else
        {
            _disk.MoveAway(from, to);
        }

        FlushInOrder(Path.GetDirectoryName(to)!, volume.Below(VolumeLayout.BucketTrash));
        return true;
    });

    internal DiskBlobReader? Open(HeldPath file) => DiskBlobReader.Open(_disk, PathOf(file));

    internal long? Length(HeldPath file) => _disk.Length(PathOf(file));

    internal DurableFile Begin() => DurableFile.Begin(_disk, _flush, volume.Below(StagingDirectory.Name));

    internal bool Publish(DurableFile copy, HeldPath file)
    {
        var folder = Path.GetDirectoryName(PathOf(file))!;
        DurableDirectory.Create(_disk, _flush, folder);
        FlushFoldersAbove(folder);
        return copy.Publish(PathOf(file));
    }

    /// <summary>Makes a file durable that a killed move has left under this name; false when there is none.</summary>
    internal bool EnsureDurable(HeldPath file)
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

    internal void Remove(HeldPath file) => _disk.Delete(PathOf(file));

    // A name that is taken stays in the trash: it is the same file, or a config of a vault that was begun anew.
    private void Merge(string from, string to)
    {
        var folders = _disk.Directories(from);
        foreach (var name in folders)
        {
            var below = Path.Combine(to, name);
            DurableDirectory.Create(_disk, _flush, below);
            Merge(Path.Combine(from, name), below);
        }

        foreach (var name in _disk.Names(from).Except(folders))
        {
            _disk.MoveNew(Path.Combine(from, name), Path.Combine(to, name));
        }

        FlushInOrder(to, from);
    }

    // The target folder first: a held file must not get lost between the two.
    private void FlushInOrder(string to, string from)
    {
        if (_flush == FlushPolicy.Full)
        {
            _disk.FlushDirectory(to);
            _disk.FlushDirectory(from);
        }
    }

    // All of them: a killed process may have created a folder without flushing its parent.
    private void FlushFoldersAbove(string path)
    {
        var trash = volume.Below(VolumeLayout.Trash);
        for (var folder = path; _flush == FlushPolicy.Full && folder != trash;)
        {
            folder = Path.GetDirectoryName(folder)!;
            _disk.FlushDirectory(folder);
        }
    }

    private string PathOf(HeldPath file) => volume.Below(VolumeLayout.Trash, file.Path);

    private IEnumerable<HeldPath> Walk(string folder, Action<UnreadableTrash>? unreadable)
    {
        var folders = Read(folder, _disk.Directories, unreadable);
        foreach (var name in folders is null ? [] : (Read(folder, _disk.Names, unreadable) ?? []).Except(folders))
        {
            var file = Path.Combine(folder, name);
            if (Read<long?>(file, _disk.Length, unreadable) is { } length)
            {
                yield return new HeldPath(file, length);
            }
        }

        foreach (var held in (folders ?? []).SelectMany(name => Walk(Path.Combine(folder, name), unreadable)))
        {
            yield return held;
        }
    }

    // A path that is relative to the trash.
    private T? Read<T>(string path, Func<string, T> read, Action<UnreadableTrash>? unreadable)
    {
        try
        {
            return volume.Try(() => read(volume.Below(VolumeLayout.Trash, path)));
        }
        catch (BlobStoreException error) when (error.Fault == BlobStoreFault.DiskError)
        {
            var name = $"{VolumeLayout.Trash}/{path}";
            if (unreadable is null)
            {
                throw error.Naming($"{name} on volume {volume.Id}");
            }

            unreadable(new UnreadableTrash(name, UnreadableFolder.ReasonOf(error)));
            return default;
        }
    }
}
