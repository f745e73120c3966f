using Halley.Storage.Disk;
using Halley.Storage.Tests.Faults;
using Halley.Storage.Trash;
using Halley.Testing;

namespace Halley.Storage.Tests;

/// <summary>
/// What was acknowledged survives a power loss, on the strictest file system there can be: nothing is kept that was not flushed.
/// </summary>
public sealed class PowerLossTests
{
    private const int FirstSeed = 20_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Power_loss_at_a_random_call_keeps_what_was_acknowledged(int volumes)
    {
        for (var seed = FirstSeed; seed < FirstSeed + 60; seed++)
        {
            var random = new Random(seed);
            using var rig = new VolumeRig(volumes, root => new PowerLossDisk(root), (ulong)seed);
            var ledger = new Ledger();
            var fault = new NthCall(random.Next(1, 250), FaultMode.Crash, rig.Paths);
            rig.Hooks.Before = fault.Happen;

            await WorkAsync(ledger, rig, random);
            rig.Hooks.Before = null;
            ((PowerLossDisk)rig.Hooks).LosePower(random.Next(3) == 0 ? null : random);

            var hint = $"Seed {seed}, power lost at {fault.Fired}.";
            rig.Open(DiskCalls.Real);
            Assert.All(rig.Set.All, volume => Assert.True(volume.Problem is null, $"{volume.Problem} {hint}"));
            rig.Sweep();
            await ledger.CheckAsync(rig.Bucket, hint);
            await ledger.CheckThatAllCanBeUploadedAsync(rig.Bucket, hint);
        }
    }

    // Each call in turn and with many outcomes: at random, the one call between a rename and a flush in the wrong order is rarely met.
    [Theory]
    [InlineData(BlobType.Data)]
    [InlineData(BlobType.Config)]
    public async Task Power_loss_at_any_call_of_an_upload_leaves_the_whole_file_or_none(BlobType type)
    {
        var blob = TestBlob.Of(type, 3000, seed: 1);
        var isOver = false;
        for (var n = 1; !isOver; n++)
        {
            for (var outcome = 0; outcome < 12; outcome++)
            {
                using var rig = new VolumeRig(1, root => new PowerLossDisk(root));
                var ledger = new Ledger();
                var fault = new NthCall(n, FaultMode.Crash, rig.Paths);
                rig.Hooks.Before = fault.Happen;
                await ledger.PutAsync(rig.Bucket, blob);
                rig.Hooks.Before = null;
                ((PowerLossDisk)rig.Hooks).LosePower(outcome == 0 ? null : new Random(outcome));

                rig.Open(DiskCalls.Real);
                rig.Sweep();
                await ledger.CheckAsync(rig.Bucket, $"Outcome {outcome}, power lost at {fault.Fired}.");
                isOver = fault.Fired is null;
            }
        }
    }

    [Fact]
    public async Task File_in_a_folder_that_another_upload_has_just_made_survives()
    {
        using var rig = new VolumeRig(1, root => new PowerLossDisk(root));
        var (first, second) = TwoInOneFolder();
        var outcome = default(PutOutcome?);
        rig.Hooks.Before = call =>
        {
            // The first upload has made the folder and its name is in place; before it flushes anything, the second runs from start to end.
            if (call.Operation == nameof(DiskCalls.FlushDirectory) && outcome is null)
            {
                outcome = PutOutcome.NoSpace;
                outcome = second.PutAsync(rig.Bucket).GetAwaiter().GetResult();
                throw new IOException("The power is lost.");
            }
        };

        await Record.ExceptionAsync(() => first.PutAsync(rig.Bucket));
        rig.Hooks.Before = null;
        ((PowerLossDisk)rig.Hooks).LosePower(null);

        Assert.Equal(PutOutcome.Stored, outcome);
        rig.Open(DiskCalls.Real);
        Assert.Equal(second.Content, await second.ReadAsync(rig.Bucket));
    }

    [Fact]
    public async Task File_in_a_folder_that_a_killed_process_has_made_survives()
    {
        using var rig = new VolumeRig(1, root => new PowerLossDisk(root));
        var (first, second) = TwoInOneFolder();
        rig.Hooks.Before = call =>
            _ = call.Operation == nameof(DiskCalls.FlushDirectory) ? throw new IOException("The process was killed.") : 0;
        await Record.ExceptionAsync(() => first.PutAsync(rig.Bucket));
        rig.Hooks.Before = null;
        rig.Open(rig.Hooks);

        Assert.Equal(PutOutcome.Stored, await second.PutAsync(rig.Bucket));
        ((PowerLossDisk)rig.Hooks).LosePower(null);

        rig.Open(DiskCalls.Real);
        Assert.Equal(second.Content, await second.ReadAsync(rig.Bucket));
    }

    [Fact]
    public async Task File_that_somebody_copied_in_survives_once_it_was_acknowledged()
    {
        using var rig = new VolumeRig(2, root => new PowerLossDisk(root));
        var blob = TestBlob.Of(BlobType.Data, 70_000, seed: 1);
        var config = TestBlob.Of(BlobType.Config, 100, seed: 2);
        ((PowerLossDisk)rig.Hooks).CopyIn(rig.FileOn(1, blob.Name), blob.Content);
        ((PowerLossDisk)rig.Hooks).CopyIn(rig.FileOn(1, config.Name), config.Content);

        Assert.Equal(PutOutcome.AlreadyPresent, await blob.PutAsync(rig.Bucket));
        Assert.Equal(PutOutcome.AlreadyPresent, await config.PutAsync(rig.Bucket));
        ((PowerLossDisk)rig.Hooks).LosePower(null);

        rig.Open(DiskCalls.Real);
        Assert.Equal(blob.Content, await blob.ReadAsync(rig.Bucket));
        Assert.Equal(config.Content, await config.ReadAsync(rig.Bucket));
    }

    [Fact]
    public async Task File_in_a_bucket_that_was_discarded_and_used_again_survives()
    {
        using var rig = new VolumeRig(1, root => new PowerLossDisk(root));
        var blob = TestBlob.Of(BlobType.Data, 1000, seed: 3);
        await blob.PutAsync(rig.Bucket);
        new DiscardedBuckets(rig.Set).Discard(VolumeRig.BucketId);

        Assert.Equal(PutOutcome.Stored, await blob.PutAsync(rig.Bucket));
        ((PowerLossDisk)rig.Hooks).LosePower(null);

        rig.Open(DiskCalls.Real);
        Assert.Equal(blob.Content, await blob.ReadAsync(rig.Bucket));
    }

    [Fact]
    public void Volume_that_was_marked_survives()
    {
        using var rig = new VolumeRig(2, root => new PowerLossDisk(root));

        ((PowerLossDisk)rig.Hooks).LosePower(null);

        rig.Open(DiskCalls.Real);
        Assert.All(rig.Set.All, volume => Assert.Null(volume.Problem));
    }

    private static async Task WorkAsync(Ledger ledger, VolumeRig rig, Random random)
    {
        var blobs = Enumerable.Range(0, 8)
            .Select(i =>
                TestBlob.Of(BlobName.Collections[random.Next(3)], random.Next(20) == 0 ? 300_000 : random.Next(3000), random.Next()))
            .Append(TestBlob.Of(BlobType.Config, 100, random.Next()))
            .ToArray();
        for (var step = 0; step < 25; step++)
        {
            var blob = blobs[random.Next(blobs.Length)];
            switch (random.Next(12))
            {
                case < 8:
                    await ledger.PutAsync(rig.Bucket, blob);
                    break;
                case < 11:
                    await ledger.DeleteAsync(rig.Bucket, blob);
                    break;
                default:
                    ledger.Discard(() => new DiscardedBuckets(rig.Set).Discard(VolumeRig.BucketId));
                    break;
            }
        }
    }

    private static (TestBlob First, TestBlob Second) TwoInOneFolder()
    {
        var first = TestBlob.Of(BlobType.Data, 1000, seed: 0);
        var second = Enumerable.Range(1, 10_000).Select(seed => TestBlob.Of(BlobType.Data, 10, seed))
            .First(blob => blob.Name.Id[..2] == first.Name.Id[..2]);
        return (first, second);
    }
}
