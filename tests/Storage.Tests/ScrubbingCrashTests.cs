using Halley.Storage.Disk;
using Halley.Storage.Moving;
using Halley.Storage.Scrubbing;
using Halley.Storage.Spanning;
using Halley.Storage.Tests.Faults;
using Halley.Storage.Tests.Moving;
using Halley.Testing;

namespace Halley.Storage.Tests;

/// <summary>Each call of a scrub fails in turn, and others delete, upload and move while one runs: no right file is ever lost.</summary>
public sealed class ScrubbingCrashTests
{
    private static readonly TestBlob Bad = TestBlob.Of(BlobType.Index, 3000, seed: 1);
    private static readonly TestBlob Good = TestBlob.Of(BlobType.Index, 2000, seed: 2);

    public static TheoryData<FaultMode> Modes => [.. Enum.GetValues<FaultMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Scrub_whose_nth_call_fails_loses_neither_the_corrupt_file_nor_a_right_one(FaultMode mode)
    {
        for (var n = 1; ; n++)
        {
            using var rig = new VolumeRig(1);
            rig.CopyIn(0, Bad.Name, Bad.Content);
            rig.CopyIn(0, Good.Name, Good.Content);
            Scrubs.Corrupt(rig, 0, Bad.Name);
            var fault = new NthCall(n, mode, rig.Paths);
            rig.Hooks.Before = fault.Happen;

            await Record.ExceptionAsync(() => Scrubs.RunAsync(rig, 0, null, Bad));

            var hint = $"Call {n} failed: {fault.Fired}.";
            rig.Hooks.Before = null;
            rig.Open(DiskCalls.Real);
            rig.Sweep();
            var copies = Scrubs.Quarantined(rig, 0).Count + (File.Exists(rig.FileOn(0, Bad.Name)) ? 1 : 0);
            Assert.True(copies == 1, $"The corrupt file is there {copies} times. {hint}");
            await Scrubs.RunAsync(rig, 0, null, Bad);
            Assert.True(
                !File.Exists(rig.FileOn(0, Bad.Name)) && Scrubs.Quarantined(rig, 0).Count == 1, $"The second scrub did not finish. {hint}");
            Assert.True(PutOutcome.Stored == await Bad.PutAsync(rig.Bucket), hint);
            Assert.Equal(Good.Content, await Good.ReadAsync(rig.Bucket));
            if (fault.Fired is null)
            {
                Assert.True(n > 2);
                return;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Duplicate_of_which_one_is_deleted_is_there_at_least_once_whichever_call_fails(FaultMode mode)
    {
        for (var n = 1; ; n++)
        {
            using var rig = new VolumeRig(2);
            rig.CopyIn(0, Good.Name, Good.Content);
            rig.CopyIn(1, Good.Name, Good.Content);
            var fault = new NthCall(n, mode, rig.Paths);
            rig.Hooks.Before = fault.Happen;

            await Record.ExceptionAsync(() => Scrubs.RunAsync(rig, 0, TimeSpan.Zero, Good));

            rig.Hooks.Before = null;
            rig.Open(DiskCalls.Real);
            Assert.Equal(Good.Content, await Good.ReadAsync(rig.Bucket));
            Assert.Empty(Scrubs.Quarantined(rig, 0).Concat(Scrubs.Quarantined(rig, 1)));
            await Scrubs.RunAsync(rig, 0, TimeSpan.Zero, Good);
            await Scrubs.RunAsync(rig, 1, TimeSpan.Zero, Good);
            Assert.True(File.Exists(rig.FileOn(0, Good.Name)) ^ File.Exists(rig.FileOn(1, Good.Name)), $"Call {n} failed: {fault.Fired}.");
            if (fault.Fired is null)
            {
                return;
            }
        }
    }

    [Fact]
    public async Task File_that_is_deleted_and_uploaded_again_at_any_call_of_a_scrub_stays()
    {
        for (var n = 1; ; n++)
        {
            using var rig = new VolumeRig(1);
            rig.CopyIn(0, Bad.Name, Bad.Content);
            Scrubs.Corrupt(rig, 0, Bad.Name);
            var (calls, done) = (0, false);
            rig.Hooks.Before = _ =>
            {
                if (++calls == n)
                {
                    rig.Hooks.Before = null;
                    done = true;
                    // not by the store: at some calls the scrub is behind the gate at which it would wait
                    File.Delete(rig.FileOn(0, Bad.Name));
                    rig.CopyIn(0, Bad.Name, Bad.Content);
                }
            };
            await Scrubs.RunAsync(rig, 0, null, Bad);

            rig.Hooks.Before = null;
            var content = await Bad.ReadAsync(rig.Bucket)
                ?? await File.ReadAllBytesAsync(Path.Combine(rig.Paths[0], VolumeLayout.Quarantine, Scrubs.Quarantined(rig, 0).Single()));
            Assert.True(!done || content.SequenceEqual(Bad.Content), $"Lost at call {n}.");
            if (!done)
            {
                Assert.True(n > 8);
                return;
            }
        }
    }

    [Fact]
    public async Task Files_that_are_deleted_uploaded_and_moved_while_scrubs_run_are_never_lost()
    {
        using var rig = new VolumeRig(2);
        var blobs = Enumerable.Range(10, 12).Select(seed => TestBlob.Of(BlobType.Snapshots, 20_000, seed)).ToList();
        await Task.WhenAll(blobs.Select(blob => blob.PutAsync(rig.Bucket)));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        var pace = new Pace(TimeProvider.System, () => false);
        var mover = new BlobMover(rig.Set, pace, TimeProvider.System);

        var scrubs = Enumerable.Range(0, 2).Select(volume => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await Scrubs.RunAsync(rig, volume, TimeSpan.Zero, blobs[0]);
            }
        }));
        var moves = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var blob = blobs[i % 6];
                await mover.MoveAsync(
                    new VolumeFile(VolumeRig.BucketId, blob.Name, blob.Content.Length), rig.Set.All[i / 6 % 2],
                    rig.Set.All[1 - (i / 6 % 2)]);
            }
        });
        var clients = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var blob = blobs[6 + (i % 6)];
                await rig.Bucket.DeleteAsync(blob.Name, CancellationToken.None);
                Assert.Null(await rig.Bucket.FindAsync(blob.Name, CancellationToken.None));
                Assert.Equal(PutOutcome.Stored, await blob.PutAsync(rig.Bucket));
                Assert.Equal(blob.Content, await blob.ReadAsync(rig.Bucket));
                Assert.Equal(blobs[i % 6].Content, await blobs[i % 6].ReadAsync(rig.Bucket));
            }
        });
        await Task.WhenAll([.. scrubs, moves, clients]);

        foreach (var blob in blobs)
        {
            Assert.Equal(blob.Content, await blob.ReadAsync(rig.Bucket));
        }

        Assert.Empty(Scrubs.Quarantined(rig, 0).Concat(Scrubs.Quarantined(rig, 1)));
    }
}
