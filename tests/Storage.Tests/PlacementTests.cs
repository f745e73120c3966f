using Halley.Storage.Disk;
using Halley.Storage.Spanning;
using Halley.Storage.Tests.Faults;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Storage.Tests;

/// <summary>Where new files go, on volumes with pretended sizes and a clock that stands still unless it is moved.</summary>
public sealed class PlacementTests
{
    private const long GiB = 1L << 30;
    private const long Block = 4096;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Volumes_get_shares_by_their_free_space_within_a_few_percent(int seed)
    {
        var random = new Random(seed);
        var placement = new Placement((ulong)seed);
        long[] room = [.. Enumerable.Range(0, 5).Select(_ => random.NextInt64(10 * GiB, 1000 * GiB)), 0, -GiB];
        var chosen = new int[room.Length];

        for (var i = 0; i < 100_000; i++)
        {
            chosen[placement.Choose(room)]++;
        }

        var total = room.Where(bytes => bytes > 0).Sum();
        for (var i = 0; i < room.Length; i++)
        {
            Assert.True(
                Math.Abs((chosen[i] / 1e5) - (Math.Max(0, room[i]) / (double)total)) < 0.01, $"Volume {i} got {chosen[i]}. Seed {seed}.");
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Volumes_of_different_sizes_fill_towards_the_same_moment(int seed)
    {
        var placement = new Placement((ulong)seed);
        long[] sizes = [100 * GiB, 300 * GiB, 600 * GiB];
        long[] room = [.. sizes];
        const long File = 16 << 20;

        while (room.Sum() > sizes.Sum() / 20)
        {
            room[placement.Choose(room)] -= File;
        }

        Assert.All(sizes.Zip(room), volume => Assert.InRange(1 - ((double)volume.Second / volume.First), 0.93, 0.97));
    }

    [Theory]
    [InlineData(new long[0])]
    [InlineData(new long[] { 0, 0 })]
    [InlineData(new long[] { -5, 0 })]
    public void No_volume_with_room_is_no_choice(long[] room) => Assert.Equal(-1, new Placement(1).Choose(room));

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Burst_of_uploads_never_takes_a_volume_below_its_reserve(int seed)
    {
        var random = new Random(seed);
        var time = new FakeTimeProvider();
        var disks = new PretendedDisks(random, time);
        using var rig = disks.Rig;
        var stored = 0;
        var refused = 0;

        for (var burst = 0; burst < 12; burst++)
        {
            var blobs = Enumerable.Range(0, 24).Select(_ => TestBlob.Of(BlobType.Keys, random.Next(1, 150_000), random.Next())).ToArray();
            var outcomes = await Task.WhenAll(blobs.Select(blob => Task.Run(() => blob.PutAsync(disks.Bucket))));
            stored += outcomes.Count(outcome => outcome == PutOutcome.Stored);
            refused += outcomes.Count(outcome => outcome is PutOutcome.NoSpace or PutOutcome.Busy);
            Assert.Equal(24, outcomes.Count(outcome => outcome is PutOutcome.Stored or PutOutcome.NoSpace or PutOutcome.Busy));
            Assert.All(rig.Paths,
                path => Assert.True(disks.FreeOn(path) >= PretendedDisks.Reserve, $"{disks.FreeOn(path)} left. Seed {seed}."));
            time.Advance(TimeSpan.FromMilliseconds(random.Next(1500))); // the disks are measured again, or not
        }

        Assert.True(stored > 20 && refused > 20, $"{stored} stored, {refused} refused: nothing was tried. Seed {seed}.");
    }

    [Theory]
    [InlineData(512L << 20)]
    [InlineData(null)]
    public async Task Uploads_that_announce_more_than_they_send_take_no_room_from_others(long? announced)
    {
        using var rig = new VolumeRig(1, time: new FakeTimeProvider());
        rig.Hooks.PretendedSpace = _ => (GiB, 2 * GiB);
        using var end = new CancellationTokenSource();
        var stalled = Enumerable.Range(0, 140).Select(seed => rig.Bucket.PutAsync(
            TestBlob.Of(BlobType.Data, 1, seed).Name, new StalledStream(132 * 1024), announced, end.Token).AsTask()).ToList();

        Assert.Equal(PutOutcome.Stored, await TestBlob.Of(BlobType.Data, 30 << 20, seed: 200).PutAsync(rig.Bucket));
        await end.CancelAsync();
        await Task.WhenAll(stalled.Select(upload => Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload)));
        Assert.False(rig.Set.All[0].IsBeingWritten);
    }

    [Fact]
    public async Task Room_that_is_only_promised_is_busy_and_a_full_disk_is_not()
    {
        using var rig = new VolumeRig(1, time: new FakeTimeProvider());
        rig.Hooks.PretendedSpace = _ => (4 << 20, GiB);
        using var end = new CancellationTokenSource();
        var name = TestBlob.Of(BlobType.Data, 1, seed: 1).Name;
        var other = rig.Bucket.PutAsync(name, new StalledStream(3 << 20), 4 << 20, end.Token).AsTask();

        Assert.Equal(PutOutcome.Busy, await TestBlob.Of(BlobType.Data, 2 << 20, seed: 2).PutAsync(rig.Bucket));
        Assert.Equal(PutOutcome.NoSpace, await TestBlob.Of(BlobType.Data, 5 << 20, seed: 3).PutAsync(rig.Bucket));
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other);
        Assert.Equal(PutOutcome.Stored, await TestBlob.Of(BlobType.Data, 2 << 20, seed: 2).PutAsync(rig.Bucket));
    }

    [Fact]
    public async Task File_that_fits_exactly_is_stored_and_one_byte_more_is_not()
    {
        using var rig = new VolumeRig(2, time: new FakeTimeProvider());
        rig.Hooks.PretendedSpace = path => (path == rig.Paths[0] ? 10 * Block : 0, GiB);

        Assert.Equal(PutOutcome.NoSpace, await TestBlob.Of(BlobType.Keys, (int)(10 * Block) + 1, seed: 1).PutAsync(rig.Bucket));
        Assert.Equal(PutOutcome.Stored, await TestBlob.Of(BlobType.Keys, (int)(10 * Block), seed: 2).PutAsync(rig.Bucket));
        Assert.Equal(PutOutcome.NoSpace, await TestBlob.Of(BlobType.Keys, 1, seed: 3).PutAsync(rig.Bucket));
        Assert.Empty(rig.Staged());
    }

    [Fact]
    public async Task Room_that_was_promised_is_free_again_after_every_way_an_upload_can_end()
    {
        using var rig = new VolumeRig(1, time: new FakeTimeProvider());
        rig.Hooks.PretendedSpace = _ => (100 * Block, GiB);
        var blob = TestBlob.Of(BlobType.Keys, (int)(50 * Block), seed: 1);
        var large = TestBlob.Of(BlobType.Keys, (int)(50 * Block) - 1, seed: 2);

        Assert.Equal(PutOutcome.Stored, await blob.PutAsync(rig.Bucket));
        Assert.Equal(PutOutcome.AlreadyPresent, await blob.PutAsync(rig.Bucket));
        Assert.Equal(PutOutcome.HashMismatch, await (large with { Content = new byte[large.Content.Length] }).PutAsync(rig.Bucket));
        await rig.Bucket.PutAsync(large.Name, new MemoryStream(large.Content, 0, 10), large.Content.Length, CancellationToken.None);
        await Record.ExceptionAsync(
            async () => await rig.Bucket.PutAsync(large.Name, BodyStream.BrokenOff([1]), large.Content.Length, CancellationToken.None));
        var cancelled = new CancellationToken(canceled: true);
        await Record.ExceptionAsync(
            async () => await rig.Bucket.PutAsync(large.Name, new MemoryStream(large.Content), large.Content.Length, cancelled));
        foreach (var n in Enumerable.Range(1, 20))
        {
            rig.Hooks.Before = new NthCall(n, FaultMode.ErrorOnce, rig.Paths).Happen;
            await Record.ExceptionAsync(() => (large with { Content = new byte[large.Content.Length] }).PutAsync(rig.Bucket));
            rig.Set.All[0].Probe();
        }

        rig.Hooks.Before = null;
        rig.Set.All[0].Probe();
        Assert.Equal(PutOutcome.Stored, await large.PutAsync(rig.Bucket)); // exactly what is left
        Assert.Equal(PutOutcome.NoSpace, await TestBlob.Of(BlobType.Keys, 1, seed: 3).PutAsync(rig.Bucket));
    }

    [Fact]
    public async Task Volume_that_failed_a_moment_ago_is_tried_last_and_later_again()
    {
        var time = new FakeTimeProvider();
        using var rig = new VolumeRig(2, time: time);
        var failing = true;
        var tries = 0;
        rig.Hooks.Before = call =>
        {
            if (call.Operation == "CreateNew" && call.Path.StartsWith(rig.Paths[0], StringComparison.Ordinal))
            {
                tries++;
                _ = failing ? throw new IOException("Input/output error") : 0;
            }
        };

        await PutManyAsync(rig, 20, firstSeed: 100);
        Assert.Equal(1, tries);

        failing = false;
        time.Advance(TimeSpan.FromMinutes(1));
        await PutManyAsync(rig, 20, firstSeed: 200);
        Assert.InRange(tries, 3, 19);
    }

    private static async Task PutManyAsync(VolumeRig rig, int count, int firstSeed)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(PutOutcome.Stored, await TestBlob.Of(BlobType.Keys, 100, firstSeed + i).PutAsync(rig.Bucket));
        }
    }

    /// <summary>Three volumes of about 2 MiB whose free space is what is really in them.</summary>
    /// <summary>A body whose sender stops in the middle.</summary>
    private sealed class StalledStream(int length) : MemoryStream(new byte[length])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (await base.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                return read;
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return 0;
        }
    }

    private sealed class PretendedDisks
    {
        public const long Reserve = 100 * Block;
        private readonly Dictionary<string, long> _sizes;

        public PretendedDisks(Random random, FakeTimeProvider time)
        {
            Rig = new VolumeRig(3, time: time);
            _sizes = Rig.Paths.ToDictionary(path => path, _ => random.Next(300, 900) * Block);
            Rig.Hooks.PretendedSpace = path => (FreeOn(path), _sizes[path]);
            var set = new VolumeSet(
                Rig.Hooks, new VolumeSettings(new VolumeReserve(Reserve, 90), FlushPolicy.None, time), (ulong)random.Next());
            foreach (var (id, path) in Rig.Ids.Zip(Rig.Paths))
            {
                set.Add(id, path, isWritable: true);
            }

            Bucket = set.OpenBucket(VolumeRig.BucketId);
        }

        public VolumeRig Rig { get; }

        public IBlobStore Bucket { get; }

        public long FreeOn(string path) => _sizes[path] - new DirectoryInfo(Path.Combine(path, VolumeLayout.Buckets))
            .EnumerateFiles("*", SearchOption.AllDirectories).Concat(new DirectoryInfo(Path.Combine(path, ".incoming")).EnumerateFiles())
            .Sum(file => (file.Length + Block - 1) / Block * Block);
    }
}
