using Halley.Storage.Disk;
using Halley.Storage.Moving;
using Halley.Storage.Tests.Faults;
using Halley.Storage.Trash;
using Halley.Testing;

namespace Halley.Storage.Tests.Moving;

/// <summary>
/// What is held of a bucket, and buckets that were deleted as a whole, go along with a drain: none of it is lost or torn on the way.
/// </summary>
public sealed class HeldMoveTests
{
    private const string Discarded = "discarded";
    private static readonly TestBlob[] Blobs =
        [TestBlob.Of(BlobType.Data, 70_000, seed: 1), TestBlob.Of(BlobType.Config, 155, seed: 4)];

    private static readonly TestBlob OfDiscarded = TestBlob.Of(BlobType.Data, 700, seed: 9);

    public static TheoryData<FaultMode> Modes => [.. Enum.GetValues<FaultMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Move_whose_nth_call_fails_loses_nothing_and_can_be_repeated(FaultMode mode)
    {
        for (var n = 1; ; n++)
        {
            using var rig = new VolumeRig(2, isHeld: true);
            var held = await FillTrashAsync(rig);
            var fault = new NthCall(n, mode, rig.Paths);
            rig.Hooks.Before = fault.Happen;
            var error = await Record.ExceptionAsync(() => MoveAllAsync(rig, held));
            rig.Hooks.Before = null;
            rig.Open(DiskCalls.Real);
            rig.Sweep();

            var hint = $"Call {n} failed: {fault.Fired}.";
            Assert.True(error is null or BlobStoreException, $"{error} {hint}");
            CheckTrash(rig, held, hint);
            await MoveAllAsync(rig, held);
            Assert.Empty(new VolumeTrash(rig.Set.All[0]).Files());
            Assert.Equal(held.Count, new VolumeTrash(rig.Set.All[1]).Files().Count());
            await CheckRestoreAsync(rig, hint);
            if (fault.Fired is null)
            {
                return;
            }
        }
    }

    [Fact]
    public async Task Power_loss_at_any_call_of_a_move_loses_nothing()
    {
        for (var n = 1; ; n++)
        {
            using var rig = new VolumeRig(2, root => new PowerLossDisk(root), isHeld: true);
            var held = await FillTrashAsync(rig);
            var fault = new NthCall(n, FaultMode.Crash, rig.Paths);
            rig.Hooks.Before = fault.Happen;
            _ = await Record.ExceptionAsync(() => MoveAllAsync(rig, held));
            rig.Hooks.Before = null;
            LosePower(rig, n);

            CheckTrash(rig, held, $"Power lost at call {n}: {fault.Fired}.");
            await CheckRestoreAsync(rig, $"Power lost at call {n}: {fault.Fired}.");
            if (fault.Fired is null)
            {
                return;
            }
        }
    }

    [Fact]
    public async Task Power_loss_after_a_move_that_was_killed_was_repeated_loses_nothing()
    {
        for (var n = 1; ; n++)
        {
            using var rig = new VolumeRig(2, root => new PowerLossDisk(root), isHeld: true);
            var held = await FillTrashAsync(rig);
            var fault = new NthCall(n, FaultMode.Crash, rig.Paths);
            rig.Hooks.Before = fault.Happen;
            _ = await Record.ExceptionAsync(() => MoveAllAsync(rig, held));
            rig.Hooks.Before = null;
            rig.Open(rig.Hooks); // the disk keeps what it has and has not flushed
            await MoveAllAsync(rig, held);
            LosePower(rig, n);

            CheckTrash(rig, held, $"Killed at call {n}: {fault.Fired}.");
            await CheckRestoreAsync(rig, $"Killed at call {n}: {fault.Fired}.");
            if (fault.Fired is null)
            {
                return;
            }
        }
    }

    private static async Task<List<HeldPath>> FillTrashAsync(VolumeRig rig)
    {
        rig.Set.All[1].IsWritable = false;
        foreach (var blob in Blobs)
        {
            Assert.Equal(PutOutcome.Stored, await blob.PutAsync(rig.Bucket));
            await rig.Bucket.DeleteAsync(blob.Name, default);
        }

        await OfDiscarded.PutAsync(rig.Set.OpenBucket(Discarded));
        new DiscardedBuckets(rig.Set).Discard(Discarded, holdDays: 7);
        rig.Set.All[1].IsWritable = true;
        return [.. new VolumeTrash(rig.Set.All[0]).Files()];
    }

    private static async Task MoveAllAsync(VolumeRig rig, IEnumerable<HeldPath> held)
    {
        var mover = new HeldMover(rig.Set, new Pace(TimeProvider.System, () => false), TimeProvider.System);
        foreach (var file in held)
        {
            await mover.MoveAsync(file, rig.Set.All[0], rig.Set.All[1], default);
        }
    }

    private static void LosePower(VolumeRig rig, int seed)
    {
        ((PowerLossDisk)rig.Hooks).LosePower(seed % 3 == 0 ? null : new Random(seed));
        rig.Open(DiskCalls.Real);
        rig.Sweep();
    }

    // On the one volume or on the other, and each copy whole.
    private static void CheckTrash(VolumeRig rig, IEnumerable<HeldPath> held, string hint)
    {
        foreach (var file in held)
        {
            var copies = rig.Paths.Select(volume => Path.Combine(volume, ".trash", file.Path)).Where(File.Exists).ToList();
            Assert.True(copies.Count > 0, $"{file.Path} is lost. {hint}");
            var contents = Blobs.Append(OfDiscarded).Where(blob => blob.Content.Length == file.Length).Select(blob => blob.Content);
            Assert.All(copies, copy => Assert.True(
                contents.Any(content => content.AsSpan().SequenceEqual(File.ReadAllBytes(copy))), $"{copy} is torn. {hint}"));
        }
    }

    private static async Task CheckRestoreAsync(VolumeRig rig, string hint)
    {
        foreach (var blob in Blobs)
        {
            Assert.True(
                rig.Trash.Restore(blob.Name, default).Outcome == RestoreOutcome.Restored, $"{blob.Name} does not come back. {hint}");
            Assert.Equal(blob.Content, await blob.ReadAsync(rig.Bucket));
        }
    }
}
