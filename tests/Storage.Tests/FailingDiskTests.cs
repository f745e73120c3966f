using Halley.Storage.Disk;
using Halley.Storage.Moving;
using Halley.Storage.Scrubbing;
using Halley.Storage.Spanning;
using Halley.Storage.Tests.Faults;
using Halley.Testing;

namespace Halley.Storage.Tests;

/// <summary>Disks that fail for real, below a real file system. Needs root, for mounts and loop devices.</summary>
public sealed class FailingDiskTests : IDisposable
{
    private const string BucketId = "bucket";
    private readonly TemporaryDirectory _directory = new();
    private readonly VolumeSet _set =
        new(new VolumeSettings(new VolumeReserve(0, 0), FlushPolicy.Full, TimeProvider.System), placementSeed: 1);
    private readonly IBlobStore _bucket;
    private readonly Pace _pace = new(TimeProvider.System, () => false);

    public FailingDiskTests() => _bucket = _set.OpenBucket(BucketId);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Files_on_bad_sectors_are_an_error_to_clients_then_found_by_a_scrub_and_healed_by_the_next_backup()
    {
        using var disk = new LoopDisk(_directory.Path, _directory["disk"], 64 << 20);
        var (good, bad) = await FillAndBreakAsync(disk);
        foreach (var blob in bad)
        {
            var error = await Assert.ThrowsAsync<BlobStoreException>(() => blob.ReadAsync(_bucket));
            Assert.Equal(BlobStoreFault.DiskError, error.Fault); // never "there is no such file", and never other bytes
            Assert.Equal(blob.Content.Length, await _bucket.FindAsync(blob.Name, CancellationToken.None));
        }

        var scrubber = new VolumeScrubber(_set, _pace, TimeProvider.System, TimeSpan.FromDays(1));
        var findings = new List<ScrubFinding>();
        foreach (var part in good.Concat(bad).Select(blob => ScrubPart.Of(blob.Name)).Distinct())
        {
            findings.AddRange((await scrubber.ScrubAsync(_set.All[0], BucketId, part, null, CancellationToken.None)).Findings);
        }

        Assert.Equal(bad.Select(blob => blob.Name.ToString()).Order(), findings.Select(finding => finding.Path).Order());
        Assert.All(findings, finding => Assert.Equal((FindingKind.Unreadable, true), (finding.Kind, finding.KeptAs is not null)));
        foreach (var blob in bad)
        {
            Assert.Null(await _bucket.FindAsync(blob.Name, CancellationToken.None));
            Assert.Equal(PutOutcome.Stored, await blob.PutAsync(_bucket));
        }

        await AssertIntactAsync([.. good, .. bad]);
    }

    [Fact]
    public async Task Files_on_bad_sectors_do_not_hold_up_the_others_when_their_disk_is_emptied()
    {
        using var disk = new LoopDisk(_directory.Path, _directory["disk"], 64 << 20);
        var (good, bad) = await FillAndBreakAsync(disk);
        _set.Add(_set.Mark(_directory["second"]), _directory["second"], isWritable: true);

        var results = await MoveAllAsync([.. good, .. bad]);

        Assert.Equal(
            [.. good.Select(_ => MoveOutcome.Moved), .. bad.Select(_ => MoveOutcome.Corrupt)], results.Select(result => result.Outcome));
        Assert.False(_set.All[0].HoldsFiles());
        await AssertIntactAsync(good);
        Assert.Equal(bad.Count, Directory.EnumerateFiles(
            Path.Combine(disk.MountPoint, VolumeLayout.Quarantine), "*.json", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public async Task Disk_that_promised_more_room_than_there_is_takes_what_fits_and_loses_nothing()
    {
        var thin = _directory["thin"];
        Directory.CreateDirectory(thin);
        AsRoot.Run("mount", "-t", "tmpfs", "-o", "size=8m", "halley-test", thin); // below a disk of 64 MiB
        try
        {
            using var disk = new LoopDisk(thin, _directory["disk"], 64 << 20);
            _set.Add(_set.Mark(disk.MountPoint), disk.MountPoint, isWritable: true);
            var stored = new List<TestBlob>();
            while (stored.Count < 100 && TestBlob.Of(BlobType.Data, 500_000, seed: stored.Count) is var blob && await IsTakenAsync(blob))
            {
                stored.Add(blob);
            }

            Assert.InRange(stored.Count, 5, 20);
            disk.ForgetCached();
            await AssertIntactAsync(stored);

            // Nor does a move to such a disk take anything from where it is.
            var second = _directory["second"];
            _set.Add(_set.Mark(second), second, isWritable: true);
            var more = Enumerable.Range(200, 4).Select(seed => TestBlob.Of(BlobType.Data, 500_000, seed)).ToList();
            foreach (var blob in more)
            {
                Assert.Equal(PutOutcome.Stored, await blob.PutAsync(_bucket));
            }

            var back = await MoveAsync([.. more], _set.All[1], _set.All[0]);
            Assert.DoesNotContain(back, result => result.Outcome == MoveOutcome.Moved);
            await AssertIntactAsync([.. stored, .. more]);
        }
        finally
        {
            AsRoot.Run("umount", "-l", thin);
        }
    }

    // What cannot be stored is said by a flush alone: the file system had taken it, as the room that it counts is not there.
    private async Task<bool> IsTakenAsync(TestBlob blob)
    {
        try
        {
            var outcome = await blob.PutAsync(_bucket);
            Assert.True(outcome is PutOutcome.Stored or PutOutcome.NoSpace);
            return outcome == PutOutcome.Stored;
        }
        catch (BlobStoreException error)
        {
            Assert.Equal(BlobStoreFault.DiskError, error.Fault);
            return false;
        }
    }

    private async Task<(IReadOnlyList<TestBlob> Good, IReadOnlyList<TestBlob> Bad)> FillAndBreakAsync(LoopDisk disk)
    {
        _set.Add(_set.Mark(disk.MountPoint), disk.MountPoint, isWritable: true);
        var blobs = Enumerable.Range(0, 10).Select(seed => TestBlob.Of(BlobType.Data, 300_000, seed)).ToList();
        foreach (var blob in blobs)
        {
            Assert.Equal(PutOutcome.Stored, await blob.PutAsync(_bucket));
        }

        foreach (var blob in blobs)
        {
            File.SetLastWriteTimeUtc(PathOf(disk, blob), Scrubs.LongAgo);
        }

        disk.BreakFrom(PathOf(disk, blobs[^1]));
        var readable = blobs.ToLookup(blob => CanRead(PathOf(disk, blob)));
        Assert.NotEmpty(readable[true]);
        Assert.NotEmpty(readable[false]);
        return ([.. readable[true]], [.. readable[false]]);
    }

    private static bool CanRead(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            file.CopyTo(Stream.Null);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string PathOf(LoopDisk disk, TestBlob blob) =>
        Path.Combine(disk.MountPoint, VolumeLayout.Buckets, BucketId, "data", blob.Name.Id[..2], blob.Name.Id);

    private Task<IReadOnlyList<MoveResult>> MoveAllAsync(IReadOnlyList<TestBlob> blobs) => MoveAsync(blobs, _set.All[0], _set.All[1]);

    private async Task<IReadOnlyList<MoveResult>> MoveAsync(IReadOnlyList<TestBlob> blobs, Volume from, Volume to) =>
        await new BlobMover(_set, _pace, TimeProvider.System).MoveAsync(
            [.. blobs.Select(blob => new VolumeFile(BucketId, blob.Name, blob.Content.Length))], from, to, CancellationToken.None);

    private async Task AssertIntactAsync(IEnumerable<TestBlob> blobs)
    {
        foreach (var blob in blobs)
        {
            Assert.Equal(blob.Content, await blob.ReadAsync(_bucket));
        }
    }
}
