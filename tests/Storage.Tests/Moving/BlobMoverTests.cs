using Halley.Storage.Disk;
using Halley.Storage.Moving;
using Halley.Storage.Spanning;
using Halley.Storage.Tests.Faults;
using Halley.Testing;

namespace Halley.Storage.Tests.Moving;

/// <summary>The server moves files between volumes: whatever happens on the way, each is there once and whole in the end.</summary>
public sealed class BlobMoverTests
{
    private static readonly TestBlob[] Blobs =
    [
        TestBlob.Of(BlobType.Data, 1000, seed: 1), TestBlob.Of(BlobType.Index, 1_100_000, seed: 2),
        TestBlob.Of(BlobType.Locks, 150, seed: 3),
        TestBlob.Of(BlobType.Locks, 160, seed: 5), TestBlob.Of(BlobType.Config, 155, seed: 4),
    ];

    public static TheoryData<FaultMode> Modes => [.. Enum.GetValues<FaultMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Move_whose_nth_call_fails_loses_nothing_and_can_be_repeated(FaultMode mode)
    {
        for (var n = 1; ; n++)
        {
            using var rig = new VolumeRig(2);
            var ledger = new Ledger();
            await FillFirstAsync(rig, ledger);
            var fault = new NthCall(n, mode, rig.Paths);
            rig.Hooks.Before = fault.Happen;

            _ = await Record.ExceptionAsync(() => MoveAllAsync(rig));

            var hint = $"Call {n} failed: {fault.Fired}.";
            rig.Hooks.Before = null;
            rig.Open(DiskCalls.Real);
            rig.Sweep();
            await ledger.CheckAsync(rig.Bucket, hint);
            await MoveAllAsync(rig);
            Assert.All(Blobs, blob => Assert.False(File.Exists(rig.FileOn(0, blob.Name)), $"{blob.Name} is left on the source. {hint}"));
            await ledger.CheckAsync(rig.Bucket, hint);
            if (fault.Fired is null)
            {
                return;
            }
        }
    }

    [Fact]
    public async Task Power_loss_at_a_random_call_of_a_move_loses_nothing()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var random = new Random(seed);
            using var rig = new VolumeRig(2, root => new PowerLossDisk(root), (ulong)seed);
            var ledger = new Ledger();
            await FillFirstAsync(rig, ledger);
            var fault = new NthCall(random.Next(1, 150), FaultMode.Crash, rig.Paths);
            rig.Hooks.Before = fault.Happen;
            _ = await Record.ExceptionAsync(() => MoveAllAsync(rig));
            rig.Hooks.Before = null;
            ((PowerLossDisk)rig.Hooks).LosePower(random.Next(3) == 0 ? null : random);

            rig.Open(DiskCalls.Real);
            rig.Sweep();
            await ledger.CheckAsync(rig.Bucket, $"Seed {seed}, power lost at {fault.Fired}.");
        }
    }

    [Fact]
    public async Task File_that_a_client_deletes_while_it_is_moved_stays_deleted()
    {
        var moved = 0;
        for (var n = 1; moved < 2; n++)
        {
            using var rig = new VolumeRig(2);
            var blob = Blobs[0];
            rig.CopyIn(0, blob.Name, blob.Content);
            var calls = 0;
            var deletion = Task.CompletedTask;
            rig.Hooks.Before = _ =>
            {
                if (Interlocked.Increment(ref calls) == n)
                {
                    // On a thread of its own, as clients are: within the last steps it has to wait for the move.
                    deletion = Task.Run(async () => await rig.Bucket.DeleteAsync(blob.Name, CancellationToken.None));
                    deletion.Wait(TimeSpan.FromMilliseconds(50));
                }
            };

            await MoveAllAsync(rig);
            rig.Hooks.Before = null;
            moved += calls < n ? 2 : 0; // the move had fewer calls than that: all were tried
            await deletion;
            Assert.True(moved > 0 || await rig.Bucket.FindAsync(blob.Name, CancellationToken.None) is null,
                $"Deleted at call {n}, and there again.");
        }
    }

    [Fact]
    public async Task File_is_found_and_whole_at_every_step_of_its_move()
    {
        using var rig = new VolumeRig(2);
        foreach (var blob in Blobs)
        {
            rig.CopyIn(0, blob.Name, blob.Content);
        }

        var isLooking = false;
        var looks = 0;
        rig.Hooks.Before = _ =>
        {
            if (isLooking)
            {
                return;
            }

            isLooking = true;
            foreach (var blob in Blobs)
            {
                var content = Task.Run(() => blob.ReadAsync(rig.Bucket)).GetAwaiter().GetResult();
                Assert.True(content.AsSpan().SequenceEqual(blob.Content), $"{blob.Name} is missing or torn.");
                looks++;
            }

            isLooking = false;
        };
        await MoveAllAsync(rig);
        Assert.True(looks > 40);
    }

    [Fact]
    public async Task File_that_is_not_what_its_name_says_goes_to_quarantine()
    {
        using var rig = new VolumeRig(2);
        rig.CopyIn(0, Blobs[0].Name, Blobs[2].Content);
        File.SetLastWriteTimeUtc(rig.FileOn(0, Blobs[0].Name), Scrubs.LongAgo);

        Assert.Equal(MoveOutcome.Corrupt, Assert.Single(await MoveAllAsync(rig)));
        Assert.Single(Scrubs.Quarantined(rig, 0));
        Assert.False(File.Exists(rig.FileOn(0, Blobs[0].Name)) || File.Exists(rig.FileOn(1, Blobs[0].Name)));
        Assert.Empty(rig.Staged());
    }

    [Fact]
    public async Task Copy_that_an_operator_made_before_is_checked_and_then_relied_on()
    {
        using var rig = new VolumeRig(2);
        foreach (var blob in Blobs)
        {
            rig.CopyIn(0, blob.Name, blob.Content);
            rig.CopyIn(1, blob.Name, blob.Content);
        }

        Assert.All(await MoveAllAsync(rig), outcome => Assert.Equal(MoveOutcome.WasThere, outcome));
        Assert.False(rig.Set.All[0].HoldsFiles());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Source_stays_while_the_copy_on_the_target_is_short_or_wrong(bool isShort)
    {
        using var rig = new VolumeRig(2);
        var content = Blobs[0].Content;
        var other = isShort ? content[..500] : [.. content.Reverse()];
        rig.CopyIn(0, Blobs[0].Name, content);
        rig.CopyIn(1, Blobs[0].Name, other);
        File.SetLastWriteTimeUtc(rig.FileOn(1, Blobs[0].Name), Scrubs.LongAgo);

        Assert.Equal(MoveOutcome.Busy, Assert.Single(await MoveAllAsync(rig)));
        Assert.Equal(content, await File.ReadAllBytesAsync(rig.FileOn(0, Blobs[0].Name)));
        Assert.Equal(isShort ? 0 : 1, Scrubs.Quarantined(rig, 1).Count);
    }

    [Fact]
    public async Task Target_without_room_takes_nothing()
    {
        using var rig = new VolumeRig(2);
        rig.Hooks.PretendedSpace = path => path == rig.Paths[1] ? (500, 1 << 20) : (1 << 30, 1 << 30);
        rig.CopyIn(0, Blobs[0].Name, Blobs[0].Content);

        Assert.Equal(MoveOutcome.NoRoom, Assert.Single(await MoveAllAsync(rig)));
        Assert.True(File.Exists(rig.FileOn(0, Blobs[0].Name)));
    }

    private static async Task FillFirstAsync(VolumeRig rig, Ledger ledger)
    {
        rig.Set.All[1].IsWritable = false;
        foreach (var blob in Blobs)
        {
            Assert.Equal(PutOutcome.Stored, await ledger.PutAsync(rig.Bucket, blob));
        }

        rig.Set.All[1].IsWritable = true;
    }

    // By name rather than by listing: the many calls of a listing are none of these tests' business.
    private static async Task<List<MoveOutcome>> MoveAllAsync(VolumeRig rig)
    {
        var (from, to) = (rig.Set.All[0], rig.Set.All[1]);
        var mover = new BlobMover(rig.Set, new Pace(TimeProvider.System, () => false), TimeProvider.System);
        var files = Blobs.Where(blob => File.Exists(rig.FileOn(0, blob.Name)))
            .Select(blob => new VolumeFile(VolumeRig.BucketId, blob.Name, blob.Content.Length)).ToList();
        var results = await mover.MoveAsync(files, from, to, CancellationToken.None);
        return [.. results.Select(result => result.Outcome)];
    }
}
