using Halley.Storage.Disk;
using Halley.Storage.Spanning;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;

namespace Halley.Storage.Tests;

/// <summary>A disk that can be read but not written is a fault, and gets no new files.</summary>
public class UnwritableVolumeTests
{
    private const int ReadOnlyFileSystem = 30;
    private const int NoSpace = 28;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(ReadOnlyFileSystem, "mounted read-only")]
    [InlineData(NoSpace, "inodes")]
    [InlineData(5, "Nothing can be written")]
    public async Task Volume_that_cannot_be_written_says_so_and_gets_no_files_until_it_can(int error, string reason)
    {
        using var directory = new TemporaryDirectory();
        var disk = new RefusingDisk(directory.Combine("a"), error);
        var settings = new VolumeSettings(new VolumeReserve(0, 0), FlushPolicy.Full, new FakeTimeProvider());
        var set = new VolumeSet(disk, settings, placementSeed: 1);
        var volumes = new[] { "a", "b" }.Select(name => directory.Combine(name))
            .Select(path => set.Add(set.Mark(path), path, isWritable: true)).ToList();
        disk.IsRefusing = true;
        await volumes[0].ProbeAsync(Patience, default);
        var bucket = set.OpenBucket("bucket");

        for (var i = 0; i < 20; i++)
        {
            await TestBlob.Of(BlobType.Data, 100, i).PutAsync(bucket);
        }

        Assert.Null(volumes[0].Problem);
        Assert.Contains(reason, volumes[0].WriteProblem, StringComparison.Ordinal);
        Assert.False(volumes[0].HoldsFiles());
        Assert.Equal(1, disk.Refused);
        volumes[0].IsWritable = false;
        Assert.Null(volumes[0].WriteProblem);
        volumes[0].IsWritable = true;
        disk.IsRefusing = false;
        await volumes[0].ProbeAsync(Patience, default);
        Assert.Null(volumes[0].WriteProblem);
        Assert.True(volumes[0].TakesFiles);
    }

    private sealed class RefusingDisk(string below, int error) : DiskCalls
    {
        public bool IsRefusing { get; set; }

        public int Refused { get; private set; }

        public override SafeFileHandle CreateNew(string path)
        {
            if (!IsRefusing || !path.StartsWith(below, StringComparison.Ordinal))
            {
                return base.CreateNew(path);
            }

            Refused++;
            throw new IOException("refused", error);
        }
    }
}
