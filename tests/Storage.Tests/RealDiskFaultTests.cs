using Halley.Storage.Disk;
using Halley.Storage.Spanning;
using Halley.Storage.Tests.Faults;
using Halley.Testing;

namespace Halley.Storage.Tests;

/// <summary>The real thing: a disk that is full, read-only, or gone. Needs root, to mount a tmpfs.</summary>
public sealed class RealDiskFaultTests : IDisposable
{
    private const string MiB = "1048576";
    private readonly TemporaryDirectory _directory = new();
    private readonly VolumeSet _set =
        new(new VolumeSettings(new VolumeReserve(0, 0), FlushPolicy.Full, TimeProvider.System), placementSeed: 1);
    private readonly IBlobStore _bucket;
    private readonly string _mountPoint;

    public RealDiskFaultTests()
    {
        _mountPoint = _directory["tiny"];
        Directory.CreateDirectory(_mountPoint);
        AsRoot.Run("mount", "-t", "tmpfs", "-o", $"size={MiB}", "halley-test", _mountPoint);
        _set.Add(_set.Mark(_mountPoint), _mountPoint, isWritable: true);
        _bucket = _set.OpenBucket("bucket");
    }

    public void Dispose()
    {
        AsRoot.Run("umount", "-l", _mountPoint);
        _directory.Dispose();
    }

    [Fact]
    public async Task Full_disk_refuses_what_does_not_fit_and_keeps_what_it_has()
    {
        var stored = new List<TestBlob>();
        for (var seed = 0; ; seed++)
        {
            var blob = TestBlob.Of(BlobType.Data, 50_000, seed);
            if (await blob.PutAsync(_bucket) is var outcome && outcome != PutOutcome.Stored)
            {
                Assert.Equal(PutOutcome.NoSpace, outcome);
                break;
            }

            stored.Add(blob);
        }

        Assert.InRange(stored.Count, 10, 20);
        await AssertIntactAsync(stored);
        await _bucket.DeleteAsync(stored[0].Name, CancellationToken.None);
        _set.Add(_set.Mark(_directory["second"]), _directory["second"], isWritable: true);
        Assert.Equal(PutOutcome.Stored, await TestBlob.Of(BlobType.Data, 500_000, seed: 1000).PutAsync(_bucket));
    }

    [Fact]
    public async Task Disk_that_fills_up_during_an_upload_hands_over_to_another()
    {
        var second = _directory["second"];
        _set.Add(_set.Mark(second), second, isWritable: false);
        var blob = TestBlob.Of(BlobType.Data, 700_000, seed: 1);
        var body = new HookedBody(blob.Content, at: 300_000, () =>
        {
            // Somebody else writes the disk full behind the server's back, after room was promised; another volume becomes writable.
            File.WriteAllBytes(Path.Combine(_mountPoint, "ballast"), new byte[500_000]);
            _set.All[1].IsWritable = true;
        });

        var result = await _bucket.PutAsync(blob.Name, body, blob.Content.Length, CancellationToken.None);

        Assert.Equal(new PutResult(PutOutcome.Stored, 700_000), result);
        Assert.Equal(blob.Content, await blob.ReadAsync(_bucket));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(second, VolumeLayout.Buckets), "*", SearchOption.AllDirectories));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_mountPoint, ".incoming")));
    }

    [Fact]
    public async Task Disk_that_fills_up_during_the_only_possible_upload_refuses_it_and_leaves_nothing()
    {
        var blob = TestBlob.Of(BlobType.Data, 700_000, seed: 1);
        var ballast = Path.Combine(_mountPoint, "ballast");
        var body = new HookedBody(blob.Content, at: 300_000, () => File.WriteAllBytes(ballast, new byte[500_000]));

        var result = await _bucket.PutAsync(blob.Name, body, blob.Content.Length, CancellationToken.None);

        Assert.Equal(PutOutcome.NoSpace, result.Outcome);
        Assert.Null(await _bucket.FindAsync(blob.Name, CancellationToken.None));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_mountPoint, ".incoming")));
    }

    [Fact]
    public async Task Disk_that_became_read_only_serves_and_refuses()
    {
        var blob = TestBlob.Of(BlobType.Data, 1000, seed: 1);
        await blob.PutAsync(_bucket);
        AsRoot.Run("mount", "-o", "remount,ro", _mountPoint);

        Assert.Equal(blob.Content, await blob.ReadAsync(_bucket));
        Assert.Single(await TestBlob.ListAsync(_bucket, BlobType.Data));
        Assert.Equal(BlobStoreFault.DiskError,
            (await Assert.ThrowsAsync<BlobStoreException>(() => TestBlob.Of(BlobType.Data, 10, seed: 2).PutAsync(_bucket))).Fault);
        await Assert.ThrowsAsync<BlobStoreException>(async () => await _bucket.DeleteAsync(blob.Name, CancellationToken.None));

        _set.Add(_set.Mark(_directory["second"]), _directory["second"], isWritable: true);
        Assert.Equal(PutOutcome.Stored, await TestBlob.Of(BlobType.Data, 10, seed: 3).PutAsync(_bucket));
        AsRoot.Run("mount", "-o", "remount,rw", _mountPoint);
        Assert.Equal(1000, await _bucket.DeleteAsync(blob.Name, CancellationToken.None));
    }

    [Fact]
    public async Task Disk_that_is_unmounted_is_off_line_and_its_mount_point_stays_empty()
    {
        var blob = TestBlob.Of(BlobType.Data, 1000, seed: 1);
        await blob.PutAsync(_bucket);
        _set.Add(_set.Mark(_directory["second"]), _directory["second"], isWritable: true);

        AsRoot.Run("umount", "-l", _mountPoint);
        try
        {
            Assert.Equal(BlobStoreFault.Offline, (await Assert.ThrowsAsync<BlobStoreException>(() => blob.ReadAsync(_bucket))).Fault);
            Assert.Equal(PutOutcome.Stored, await TestBlob.Of(BlobType.Data, 10, seed: 2).PutAsync(_bucket));
            Assert.Empty(Directory.EnumerateFileSystemEntries(_mountPoint));
        }
        finally
        {
            AsRoot.Run("mount", "-t", "tmpfs", "-o", $"size={MiB}", "halley-test", _mountPoint); // for Dispose to unmount
        }
    }

    [Fact]
    public async Task Directory_that_vanishes_is_off_line_and_is_not_made_again()
    {
        var second = _directory["second"];
        _set.Add(_set.Mark(second), second, isWritable: true);
        Directory.Delete(second, recursive: true);

        var blob = TestBlob.Of(BlobType.Data, 10, seed: 2);
        Assert.Equal(BlobStoreFault.Offline, (await Assert.ThrowsAsync<BlobStoreException>(() => blob.ReadAsync(_bucket))).Fault);
        Assert.Equal(PutOutcome.Stored, await blob.PutAsync(_bucket));
        Assert.False(Directory.Exists(second));
    }

    private async Task AssertIntactAsync(IEnumerable<TestBlob> blobs)
    {
        foreach (var blob in blobs)
        {
            Assert.Equal(blob.Content, await blob.ReadAsync(_bucket));
        }

        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_mountPoint, ".incoming")));
    }

    /// <summary>A body during which something happens.</summary>
    private sealed class HookedBody(byte[] content, int at, Action hook) : MemoryStream(content, writable: false)
    {
        private bool _happened;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position >= at && !_happened)
            {
                _happened = true;
                hook();
            }

            return base.ReadAsync(buffer, cancellationToken);
        }
    }
}
