using Halley.Storage.Disk;
using Halley.Storage.Spanning;
using Halley.Storage.Tests.Faults;
using Halley.Storage.Trash;
using Halley.Testing;

namespace Halley.Storage.Tests;

/// <summary>
/// A volume whose marker is missing, foreign or damaged is offline: nothing on it is absent, and nothing is written to it.
/// </summary>
public sealed class VolumeMarkerTests : IDisposable
{
    private static readonly TestBlob Here = TestBlob.Of(BlobType.Index, 1000, seed: 1);
    private static readonly TestBlob There = TestBlob.Of(BlobType.Index, 1001, seed: 2);
    private static readonly TestBlob Nowhere = TestBlob.Of(BlobType.Index, 1002, seed: 3);
    private readonly VolumeRig _rig = new(2);
    private int _uploads;

    public VolumeMarkerTests()
    {
        _rig.CopyIn(0, Here.Name, Here.Content);
        _rig.CopyIn(1, There.Name, There.Content);
    }

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"format":2,"volume":"11111111-1111-1111-1111-111111111111"}""")]
    [InlineData("""{"format":1,"volume":"11111111-1111-1111-1111-111111111111"}""")]
    public async Task Volume_without_its_marker_is_off_line_and_the_rest_is_served(string? marker)
    {
        WriteMarker(marker);

        await AssertOfflineAsync();
        Assert.NotNull(_rig.Set.All[1].Problem);
        Assert.Equal(Here.Content, await Here.ReadAsync(_rig.Bucket));
        for (var seed = 10; seed < 30; seed++)
        {
            Assert.Equal(PutOutcome.Stored, await TestBlob.Of(BlobType.Data, 100, seed).PutAsync(_rig.Bucket));
        }

        Assert.False(Directory.Exists(Path.Combine(_rig.Paths[1], VolumeLayout.Buckets, VolumeRig.BucketId, "data")));
    }

    [Fact]
    public async Task Volume_comes_back_after_a_probe()
    {
        var marker = File.ReadAllText(MarkerPath);
        WriteMarker(null);
        await AssertOfflineAsync();

        WriteMarker(marker);
        Assert.True(_rig.Set.All[1].Probe());

        Assert.Equal(There.Content, await There.ReadAsync(_rig.Bucket));
        Assert.Null(await _rig.Bucket.FindAsync(Nowhere.Name, CancellationToken.None));
        Assert.Equal(2, (await TestBlob.ListAsync(_rig.Bucket, BlobType.Index)).Count);
    }

    [Fact]
    public async Task Volume_whose_disk_is_not_mounted_gets_not_a_single_file_or_folder()
    {
        var mountPoint = _rig.Paths[1];
        Directory.Move(mountPoint, mountPoint + ".away");
        Directory.CreateDirectory(mountPoint);

        await AssertOfflineAsync();
        await UploadManyAsync();
        _rig.Open(_rig.Hooks);
        await AssertOfflineAsync();
        await UploadManyAsync();

        Assert.Empty(Directory.EnumerateFileSystemEntries(mountPoint));
    }

    [Fact]
    public async Task Volume_whose_disk_goes_away_during_an_upload_gets_not_a_single_file_or_folder()
    {
        for (var n = 1; n < 40; n++)
        {
            using var rig = new VolumeRig(2);
            rig.Set.All[0].IsWritable = false;
            var (mountPoint, calls) = (rig.Paths[1], 0);
            rig.Hooks.Before = _ =>
            {
                if (++calls == n)
                {
                    Directory.Move(mountPoint, mountPoint + ".away");
                    Directory.CreateDirectory(mountPoint);
                }
            };

            var error = await Record.ExceptionAsync(() => Here.PutAsync(rig.Bucket));

            Assert.True(error is null or BlobStoreException, error?.ToString());
            Assert.Empty(calls >= n ? Directory.EnumerateFileSystemEntries(mountPoint) : []);
        }
    }

    [Fact]
    public async Task All_volumes_off_line_is_an_error_for_everything()
    {
        WriteMarker(null);
        File.Delete(Path.Combine(_rig.Paths[0], VolumeLayout.Marker));
        _rig.Open(DiskCalls.Real);

        await AssertOfflineAsync(() => Here.PutAsync(_rig.Bucket));
        await AssertOfflineAsync(() => Here.ReadAsync(_rig.Bucket));
        await AssertOfflineAsync();
    }

    [Fact]
    public async Task No_volume_at_all_is_an_error_for_everything()
    {
        var bucket = _rig.NewSet(DiskCalls.Real).OpenBucket("bucket");

        await AssertOfflineAsync(() => Here.PutAsync(bucket));
        await AssertOfflineAsync(() => Here.ReadAsync(bucket));
        await AssertOfflineAsync(() => TestBlob.ListAsync(bucket, BlobType.Index));
        await AssertOfflineAsync(async () => await bucket.DeleteAsync(Here.Name, CancellationToken.None));
    }

    [Fact]
    public async Task Volume_that_is_read_only_by_setting_gets_nothing_new_but_serves_and_deletes()
    {
        _rig.Set.All[1].IsWritable = false;
        await UploadManyAsync();

        Assert.Single(Directory.EnumerateFiles(Path.Combine(_rig.Paths[1], VolumeLayout.Buckets), "*", SearchOption.AllDirectories));
        Assert.Equal(There.Content, await There.ReadAsync(_rig.Bucket));
        Assert.Equal(1001, await _rig.Bucket.DeleteAsync(There.Name, CancellationToken.None));
        Assert.Null(await _rig.Bucket.FindAsync(There.Name, CancellationToken.None));

        _rig.Set.All[0].IsWritable = false;
        Assert.Equal(PutOutcome.NoSpace, await Nowhere.PutAsync(_rig.Bucket));
        Assert.Empty(_rig.Staged());
    }

    [Fact]
    public async Task Volume_that_is_added_later_serves_at_once()
    {
        var set = _rig.NewSet(DiskCalls.Real);
        set.Add(_rig.Ids[0], _rig.Paths[0], isWritable: true);
        var bucket = set.OpenBucket(VolumeRig.BucketId);
        Assert.Null(await There.ReadAsync(bucket));

        var added = set.Add(_rig.Ids[1], _rig.Paths[1] + "/", isWritable: true);

        Assert.Equal(There.Content, await There.ReadAsync(bucket));
        Assert.True(added.HoldsFiles());
        Assert.Equal((1, 1001), added.Measure(VolumeRig.BucketId, CancellationToken.None));
        Assert.Equal([VolumeRig.BucketId], added.ListBuckets());
        set.Remove(added);
        Assert.Null(await There.ReadAsync(bucket));
    }

    private string MarkerPath => Path.Combine(_rig.Paths[1], VolumeLayout.Marker);

    private void WriteMarker(string? content)
    {
        File.Delete(MarkerPath);
        if (content is not null)
        {
            File.WriteAllText(MarkerPath, content);
        }
    }

    private async Task UploadManyAsync()
    {
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(PutOutcome.Stored, await TestBlob.Of(BlobType.Snapshots, 100, seed: 100 + _uploads++).PutAsync(_rig.Bucket));
        }
    }

    private async Task AssertOfflineAsync()
    {
        await AssertOfflineAsync(async () => await _rig.Bucket.FindAsync(Nowhere.Name, CancellationToken.None));
        await AssertOfflineAsync(() => There.ReadAsync(_rig.Bucket));
        await AssertOfflineAsync(() => TestBlob.ListAsync(_rig.Bucket, BlobType.Index));
        await AssertOfflineAsync(async () => await _rig.Bucket.DeleteAsync(Here.Name, CancellationToken.None));
        await AssertOfflineAsync(() => TestBlob.Of(BlobType.Config, 10, seed: 1).PutAsync(_rig.Bucket));
        Assert.Throws<BlobStoreException>(() => new DiscardedBuckets(_rig.Set).Discard(VolumeRig.BucketId));
    }

    private static async Task AssertOfflineAsync<TResult>(Func<Task<TResult>> call) =>
        Assert.Equal(BlobStoreFault.Offline, (await Assert.ThrowsAsync<BlobStoreException>(call)).Fault);
}
