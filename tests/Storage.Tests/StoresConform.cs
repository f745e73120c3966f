using Halley.Storage.Disk;
using Halley.Storage.Memory;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;
using Halley.Testing;

namespace Halley.Storage.Tests;

public sealed class MemoryBlobStoreConforms : BlobStoreConformance
{
    protected override Task<IBlobStore> CreateStoreAsync() => Task.FromResult<IBlobStore>(new MemoryBlobStore());
}

public sealed class PacedBlobStoreConforms : BlobStoreConformance
{
    protected override Task<IBlobStore> CreateStoreAsync() => Task.FromResult<IBlobStore>(
        new PacedBlobStore(new MemoryBlobStore(), TimeProvider.System, uploadBytesPerSecond: 1L << 40, downloadBytesPerSecond: 1L << 40));
}

public sealed class DiskBlobStoreConforms : DiskConformance
{
    protected override IReadOnlyList<string> VaultFolders => [Disk.Path];

    protected override Task<IBlobStore> CreateStoreAsync() => Task.FromResult<IBlobStore>(new DiskBlobStore(Disk.Path, FlushPolicy.None));

    protected override IEnumerable<string> Leftovers() =>
        Directory.Exists(Disk[StagingDirectory.Name]) ? Directory.EnumerateFiles(Disk[StagingDirectory.Name]) : [];
}

public sealed class DiskBlobStoreWithFlushConforms : DiskConformance
{
    protected override IReadOnlyList<string> VaultFolders => [Disk.Path];

    protected override Task<IBlobStore> CreateStoreAsync() => Task.FromResult<IBlobStore>(new DiskBlobStore(Disk.Path));

    protected override IEnumerable<string> Leftovers() =>
        Directory.Exists(Disk[StagingDirectory.Name]) ? Directory.EnumerateFiles(Disk[StagingDirectory.Name]) : [];
}

public abstract class SpannedConformance(int volumes, bool isHeld = false) : DiskConformance
{
    protected override IReadOnlyList<string> VaultFolders =>
        [.. Enumerable.Range(0, volumes).Select(i => Disk[$"volume{i}", VolumeLayout.Buckets, "bucket"])];

    protected override Task<IBlobStore> CreateStoreAsync()
    {
        var set = new VolumeSet(new VolumeSettings(new VolumeReserve(0, 0), FlushPolicy.None, TimeProvider.System), placementSeed: 1);
        for (var i = 0; i < volumes; i++)
        {
            set.Add(set.Mark(Disk[$"volume{i}"]), Disk[$"volume{i}"], isWritable: true);
        }

        return Task.FromResult(set.OpenBucket("bucket", new DeleteHold { IsOn = isHeld }));
    }

    protected override IEnumerable<string> Leftovers() =>
        Enumerable.Range(0, volumes).SelectMany(i => Directory.EnumerateFiles(Disk[$"volume{i}", StagingDirectory.Name]));
}

public sealed class StoreOverOneVolumeConforms() : SpannedConformance(1);

public sealed class StoreOverTwoVolumesConforms() : SpannedConformance(2);

public sealed class StoreOverThreeVolumesConforms() : SpannedConformance(3);

public sealed class StoreWithHoldConforms() : SpannedConformance(2, isHeld: true);

public sealed class MeteredBlobStoreConforms : BlobStoreConformance
{
    protected override Task<IBlobStore> CreateStoreAsync() =>
        Task.FromResult<IBlobStore>(new MeteredBlobStore(new MemoryBlobStore(), TimeProvider.System));
}

public sealed class FaultyBlobStoreConforms : BlobStoreConformance
{
    protected override Task<IBlobStore> CreateStoreAsync() => Task.FromResult<IBlobStore>(new FaultyBlobStore(new MemoryBlobStore()));
}
