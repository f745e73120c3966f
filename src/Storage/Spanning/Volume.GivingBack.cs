using Halley.Storage.Disk;
using Halley.Storage.Trash;

namespace Halley.Storage.Spanning;

// buckets that were deleted as a whole come back
public sealed partial class Volume
{
    /// <summary>The folders of deleted buckets that are held here.</summary>
    public IReadOnlyList<HeldBucket> HeldBuckets() =>
        Try(() => _disk.Directories(Below(VolumeLayout.BucketTrash)).Select(HeldBucketName.Parse).OfType<HeldBucket>().ToList());

    /// <summary>
    /// Gives a bucket its folder back, in one step where nothing is in its place. After a drain there may be two folders of a bucket on one
    /// volume; then the files of the second come one by one. Can be repeated after a crash.
    /// </summary>
    internal void GiveBack(HeldBucket held) => Try(() =>
    {
        var from = Below(VolumeLayout.BucketTrash, held.Folder);
        var to = held.IsTrash ? Below(VolumeLayout.FileTrash, held.BucketId) : BucketPath(held.BucketId);
        if (_disk.DirectoryExists(to))
        {
            Merge(from, to);
            if (!Walk(Below(VolumeLayout.Trash), System.IO.Path.Combine("buckets", held.Folder)).Any())
            {
                _disk.DeleteTree(from); // only folders
            }
        }
        else
        {
            _disk.MoveAway(from, to);
        }

        FlushInOrder(System.IO.Path.GetDirectoryName(to)!, Below(VolumeLayout.BucketTrash));
        return true;
    });

    // A name that is taken stays in the trash: it is the same file, or a config of a vault that was begun anew.
    private void Merge(string from, string to)
    {
        var folders = _disk.Directories(from);
        foreach (var name in folders)
        {
            var below = System.IO.Path.Combine(to, name);
            DurableDirectory.Create(_disk, _flush, below);
            Merge(System.IO.Path.Combine(from, name), below);
        }

        foreach (var name in _disk.Names(from).Except(folders))
        {
            _disk.MoveNew(System.IO.Path.Combine(from, name), System.IO.Path.Combine(to, name));
        }

        FlushInOrder(to, from);
    }

    // First where something went to: what is held must not get lost between the two.
    private void FlushInOrder(string to, string from)
    {
        if (_flush == FlushPolicy.Full)
        {
            _disk.FlushDirectory(to);
            _disk.FlushDirectory(from);
        }
    }
}
