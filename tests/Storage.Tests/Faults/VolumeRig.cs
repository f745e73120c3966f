using Halley.Storage.Disk;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;
using Halley.Testing;

namespace Halley.Storage.Tests.Faults;

/// <summary>A bucket over fresh volumes, that can be closed like a killed process and opened again.</summary>
internal sealed class VolumeRig : IDisposable
{
    public const string BucketId = "bucket";
    private static readonly VolumeReserve NoReserve = new(0, 0);
    private readonly TemporaryDirectory _directory = new();
    private readonly TimeProvider _time;
    private readonly ulong _seed;
    private readonly DeleteHold _hold = new();

    public VolumeRig(int volumes, Func<string, HookedDisk>? newDisk = null, ulong seed = 1, TimeProvider? time = null, bool isHeld = false)
    {
        Hooks = newDisk?.Invoke(_directory.Path) ?? new HookedDisk();
        _seed = seed;
        _hold.IsOn = isHeld;
        _time = time ?? TimeProvider.System;
        Paths = [.. Enumerable.Range(0, volumes).Select(i => _directory[$"volume{i}"])];
        Set = NewSet(Hooks);
        Ids = [.. Paths.Select(Set.Mark)];
        Open(Hooks);
    }

    public HookedDisk Hooks { get; }

    public IReadOnlyList<string> Paths { get; }

    public IReadOnlyList<Guid> Ids { get; }

    public VolumeSet Set { get; private set; }

    public IBlobStore Bucket { get; private set; } = null!;

    /// <summary>What was deleted and is held, as it is now.</summary>
    public BucketTrash Trash => new(Set, BucketId);

    public string FileOn(int volume, BlobName name) => name.Type switch
    {
        BlobType.Config => Path.Combine(Paths[volume], VolumeLayout.Buckets, BucketId, "config"),
        BlobType.Data => Path.Combine(Paths[volume], VolumeLayout.Buckets, BucketId, "data", name.Id[..2], name.Id),
        _ => Path.Combine(Paths[volume], VolumeLayout.Buckets, BucketId, BlobName.NameOf(name.Type), name.Id),
    };

    /// <summary>Puts a file on a volume as an administrator does by hand.</summary>
    public void CopyIn(int volume, BlobName name, ReadOnlySpan<byte> content)
    {
        var path = FileOn(volume, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    /// <summary>Deletes a file on a volume by hand; nothing happens when it is not there.</summary>
    public void Remove(int volume, BlobName name)
    {
        if (File.Exists(FileOn(volume, name)))
        {
            File.Delete(FileOn(volume, name));
        }
    }

    /// <summary>Forgets everything that is in memory and starts again, as a new process would.</summary>
    public void Open(DiskCalls disk)
    {
        Set = NewSet(disk);
        for (var i = 0; i < Paths.Count; i++)
        {
            Set.Add(Ids[i], Paths[i], isWritable: true);
        }

        Bucket = Set.OpenBucket(BucketId, _hold);
    }

    public IEnumerable<string> Staged() =>
        Paths.SelectMany(path => Directory.EnumerateFiles(Path.Combine(path, StagingDirectory.Name)));

    public void Sweep()
    {
        foreach (var volume in Set.All)
        {
            volume.SweepStaging();
        }
    }

    public VolumeSet NewSet(DiskCalls disk) => new(disk, new VolumeSettings(NoReserve, FlushPolicy.Full, _time), _seed);

    public void Dispose() => _directory.Dispose();
}
