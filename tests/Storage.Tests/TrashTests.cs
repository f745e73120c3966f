using Halley.Storage.Disk;
using Halley.Storage.Moving;
using Halley.Storage.Tests.Faults;
using Halley.Storage.Trash;
using Halley.Testing;

namespace Halley.Storage.Tests;

/// <summary>What is deleted with a hold: where it goes, how it comes back, and when it goes for good.</summary>
public sealed class TrashTests : IDisposable
{
    private static readonly TestBlob Pack = TestBlob.Of(BlobType.Data, 5000, seed: 1);
    private static readonly TestBlob Index = TestBlob.Of(BlobType.Index, 300, seed: 2);
    private static readonly TestBlob Lock = TestBlob.Of(BlobType.Locks, 150, seed: 3);
    private static readonly TestBlob Config = TestBlob.Of(BlobType.Config, 155, seed: 4);
    private readonly VolumeRig _rig = new(2, isHeld: true);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Deleted_files_are_held_and_come_back_but_locks_are_gone()
    {
        foreach (var blob in new[] { Pack, Index, Lock, Config })
        {
            await blob.PutAsync(_rig.Bucket);
            Assert.Equal(blob.Content.Length, await DeleteAsync(blob));
            Assert.Null(await _rig.Bucket.FindAsync(blob.Name, default));
            Assert.Null(await DeleteAsync(blob));
        }

        var held = _rig.Trash.Page(after: null, 10, default);
        Assert.Equal([Config.Name, Pack.Name, Index.Name], held.Select(file => file.Name));
        Assert.Equal([155, 5000, 300], held.Select(file => file.Length));
        Assert.Equal(held[2], Assert.Single(_rig.Trash.Page(held[1].Key, 10, default)));
        Assert.Equal(3, _rig.Set.All.Sum(volume => new VolumeTrash(volume).Measure(VolumeRig.BucketId, default).Files));
        foreach (var blob in new[] { Pack, Index, Config })
        {
            Assert.Equal((RestoreOutcome.Restored, blob.Content.Length), _rig.Trash.Restore(blob.Name, default));
            Assert.Equal(blob.Content, await blob.ReadAsync(_rig.Bucket));
            Assert.Equal(RestoreOutcome.Missing, _rig.Trash.Restore(blob.Name, default).Outcome);
        }

        Assert.Empty(_rig.Trash.Page(null, 10, default));
    }

    [Fact]
    public async Task File_that_is_uploaded_again_is_there_and_what_is_held_of_it_waits()
    {
        await Pack.PutAsync(_rig.Bucket);
        await DeleteAsync(Pack);
        Assert.Equal(PutOutcome.Stored, await Pack.PutAsync(_rig.Bucket));
        Assert.Equal(RestoreOutcome.Present, _rig.Trash.Restore(Pack.Name, default).Outcome);
        await DeleteAsync(Pack);

        Assert.Equal(2, _rig.Trash.Page(null, 10, default).Count);
        Assert.Equal(RestoreOutcome.Restored, _rig.Trash.Restore(Pack.Name, default).Outcome);
        Assert.Equal(Pack.Content, await Pack.ReadAsync(_rig.Bucket));
    }

    [Fact]
    public async Task Folder_that_cannot_be_read_is_named_and_the_others_are_read_purged_and_removed()
    {
        using var rig = new VolumeRig(1, isHeld: true);
        await Pack.PutAsync(rig.Bucket);
        await rig.Bucket.DeleteAsync(Pack.Name, default);
        var volume = rig.Set.All[0];
        var trash = new VolumeTrash(volume);
        Loop("files", VolumeRig.BucketId, "index");
        Loop("files", "stray");

        var found = new List<UnreadableTrash>();
        Assert.Single(trash.Files(found.Add));
        Assert.Equal([".trash/files/stray", $".trash/files/{VolumeRig.BucketId}/index"], found.Select(one => one.Path));
        var named = Assert.Throws<BlobStoreException>(() => trash.Measure(VolumeRig.BucketId, default));
        Assert.Equal($".trash/files/{VolumeRig.BucketId}/index on volume {volume.Id} cannot be read.", named.Message);
        Assert.Equal(BlobStoreFault.DiskError, named.Fault);
        found.Clear();
        Assert.Equal((1, 5000), rig.Trash.Purge(_ => true, found.Add, default));
        Assert.Equal($".trash/files/{VolumeRig.BucketId}/index", Assert.Single(found).Path);

        void Loop(params string[] names)
        {
            var path = Path.Combine([rig.Paths[0], ".trash", .. names]);
            File.CreateSymbolicLink(path, path); // leads to itself, which not even root can read
        }
    }

    [Fact]
    public void Deleted_bucket_that_cannot_be_removed_does_not_keep_the_others()
    {
        var stuck = false;
        using var rig = new VolumeRig(1);
        foreach (var id in new[] { "one", "two", "three" })
        {
            Directory.CreateDirectory(Path.Combine(rig.Paths[0], "buckets", id));
            new DiscardedBuckets(rig.Set).Discard(id);
        }

        rig.Hooks.Before = call =>
        {
            if (call.Operation == nameof(DiskCalls.DeleteTree) && call.Path.Contains("/two.", StringComparison.Ordinal))
            {
                stuck = true;
                throw new IOException("Input/output error", 5);
            }
        };
        var trash = new VolumeTrash(rig.Set.All[0]);
        var failure = Assert.Throws<BlobStoreException>(() => trash.RemoveBuckets(default));

        Assert.True(stuck);
        Assert.Contains(".trash/buckets/two.", failure.Message, StringComparison.Ordinal);
        Assert.Single(Directory.GetDirectories(Path.Combine(rig.Paths[0], ".trash", "buckets")));
        rig.Hooks.Before = null;
        trash.RemoveBuckets(default);
        Assert.Empty(Directory.GetDirectories(Path.Combine(rig.Paths[0], ".trash", "buckets")));
    }

    [Fact]
    public async Task Same_file_deleted_twice_in_a_millisecond_is_held_twice()
    {
        using var rig = new VolumeRig(1, time: new StoppedClock(), isHeld: true);
        for (var i = 0; i < 3; i++)
        {
            await Pack.PutAsync(rig.Bucket);
            await rig.Bucket.DeleteAsync(Pack.Name, default);
        }

        Assert.Equal(3, rig.Trash.Page(null, 10, default).DistinctBy(file => file.Key).Count());
    }

    [Fact]
    public async Task Of_a_file_on_two_volumes_the_whole_copy_is_held_and_the_other_one_goes()
    {
        await Pack.PutAsync(_rig.Bucket);
        var (from, to) = File.Exists(_rig.FileOn(0, Pack.Name)) ? (0, 1) : (1, 0);
        _rig.CopyIn(to, Pack.Name, Pack.Content.AsSpan(0, 2000)); // somebody is just copying it

        Assert.Equal(Pack.Content.Length, await DeleteAsync(Pack));

        Assert.False(File.Exists(_rig.FileOn(to, Pack.Name)));
        Assert.Equal(_rig.Paths[from], Assert.Single(_rig.Trash.Page(null, 10, default)).Volume.Path);
    }

    [Fact]
    public async Task Copies_in_doubt_are_judged_by_their_content()
    {
        await Pack.PutAsync(_rig.Bucket);
        await DeleteAsync(Pack);
        _rig.CopyIn(0, Pack.Name, Pack.Content.AsSpan(0, 2000)); // torn, and deleted later than the whole one
        await DeleteAsync(Pack);

        Assert.Equal(RestoreOutcome.Restored, _rig.Trash.Restore(Pack.Name, default).Outcome);

        Assert.Equal(Pack.Content, await Pack.ReadAsync(_rig.Bucket));
    }

    [Fact]
    public async Task Purge_removes_what_is_due_and_nothing_else()
    {
        var clock = new Clock();
        using var rig = new VolumeRig(2, time: clock, isHeld: true);
        foreach (var blob in new[] { Pack, Index })
        {
            await blob.PutAsync(rig.Bucket);
            await rig.Bucket.DeleteAsync(blob.Name, default);
            clock.Now += TimeSpan.FromDays(1);
        }

        var due = clock.Now.UtcDateTime.AddHours(-36);
        Assert.Equal((1, 5000), rig.Trash.Purge(deletedAt => deletedAt <= due, unreadable: null, default));
        Assert.Equal((0, 0), rig.Trash.Purge(deletedAt => deletedAt <= due, unreadable: null, default));

        Assert.Equal(Index.Name, Assert.Single(rig.Trash.Page(null, 10, default)).Name);
        Assert.Equal([Index.Name], rig.Trash.DeletedSince(clock.Now.UtcDateTime.AddHours(-30), default));
        Assert.Empty(rig.Trash.DeletedSince(clock.Now.UtcDateTime, default));
    }

    [Fact]
    public async Task Bucket_deleted_with_a_hold_is_kept_with_its_trash_until_it_is_due()
    {
        await Pack.PutAsync(_rig.Bucket);
        await Index.PutAsync(_rig.Bucket);
        await DeleteAsync(Index);
        new DiscardedBuckets(_rig.Set).Discard(VolumeRig.BucketId, holdDays: 30);

        Assert.Null(await _rig.Bucket.FindAsync(Pack.Name, default));
        Assert.Empty(_rig.Trash.Page(null, 10, default));
        Assert.Equal(5300, _rig.Set.All.SelectMany(volume => new VolumeTrash(volume).Files()).Sum(file => file.Length));
        Assert.Contains(_rig.Set.All, volume => new VolumeTrash(volume).HoldsFiles());
        foreach (var volume in _rig.Set.All)
        {
            new VolumeTrash(volume).RemoveBuckets(default);
            new VolumeTrash(volume).RemoveBuckets(default, (_, days) => days != 30);
        }

        Assert.Equal(5300, _rig.Set.All.SelectMany(volume => new VolumeTrash(volume).Files()).Sum(file => file.Length));
        Assert.All(_rig.Set.All, volume => new VolumeTrash(volume).RemoveBuckets(default, (_, days) => days == 30));
        Assert.DoesNotContain(_rig.Set.All, volume => new VolumeTrash(volume).HoldsFiles());
    }

    [Fact]
    public async Task Held_files_move_to_another_volume_and_are_restored_from_there()
    {
        foreach (var blob in new[] { Pack, Index, Config })
        {
            await blob.PutAsync(_rig.Bucket);
            await DeleteAsync(blob);
        }

        var other = TestBlob.Of(BlobType.Data, 700, seed: 9);
        await other.PutAsync(_rig.Set.OpenBucket("other"));
        new DiscardedBuckets(_rig.Set).Discard("other", holdDays: 7);
        var (from, to) = (_rig.Set.All[0], _rig.Set.All[1]);
        var mover = new HeldMover(_rig.Set, new Pace(TimeProvider.System, () => false), TimeProvider.System);
        foreach (var (source, target) in new[] { (from, to), (to, from) })
        {
            foreach (var file in new VolumeTrash(source).Files().ToList())
            {
                Assert.Equal(MoveOutcome.Moved, await mover.MoveAsync(file, source, target, default));
                Assert.Equal(MoveOutcome.Gone, await mover.MoveAsync(file, source, target, default));
            }

            Assert.False(source.HoldsFiles());
            Assert.False(new VolumeTrash(source).HoldsFiles());
            Assert.Equal(4, new VolumeTrash(target).Files().Count());
        }

        Assert.All(new[] { Pack, Index, Config },
            blob => Assert.Equal(RestoreOutcome.Restored, _rig.Trash.Restore(blob.Name, default).Outcome));
        Assert.Equal(Pack.Content, await Pack.ReadAsync(_rig.Bucket));
    }

    private async Task<long?> DeleteAsync(TestBlob blob) => await _rig.Bucket.DeleteAsync(blob.Name, default);

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }
}
