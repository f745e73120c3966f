using Halley.Storage.Disk;
using Halley.Storage.Tests.Faults;
using Halley.Storage.Trash;
using Halley.Testing;

namespace Halley.Storage.Tests;

/// <summary>
/// With a hold no file is ever lost by a delete or a restore, whichever call to the file system fails, and whenever the power does.
/// </summary>
public sealed class TrashCrashTests
{
    private const int FirstSeed = 40_000;
    private static readonly TestBlob Pack = TestBlob.Of(BlobType.Data, 3000, seed: 1);
    private static readonly TestBlob Config = TestBlob.Of(BlobType.Config, 155, seed: 4);

    public static TheoryData<FaultMode, int> ModesAndVolumes => CrashTests.ModesAndVolumes;

    [Theory]
    [MemberData(nameof(ModesAndVolumes))]
    public async Task Delete_whose_nth_call_fails_leaves_the_file_in_the_bucket_or_in_the_trash(FaultMode mode, int volumes)
    {
        for (var n = 1; ; n++)
        {
            using var rig = new VolumeRig(volumes, isHeld: true);
            await Pack.PutAsync(rig.Bucket);
            await Config.PutAsync(rig.Bucket);
            for (var i = 0; i < volumes; i++)
            {
                rig.CopyIn(i, Pack.Name, Pack.Content); // on each volume
            }

            var fault = new NthCall(n, mode, rig.Paths);
            rig.Hooks.Before = fault.Happen;
            var acknowledged = await TryDeleteAsync(rig, Pack) & await TryDeleteAsync(rig, Config);
            rig.Hooks.Before = null;
            rig.Open(DiskCalls.Real);

            await CheckAsync(rig, $"Call {n} failed: {fault.Fired}.", acknowledged, Pack, Config);
            if (fault.Fired is null)
            {
                Assert.True(acknowledged);
                return;
            }
        }
    }

    [Theory]
    [MemberData(nameof(ModesAndVolumes))]
    public async Task Restore_whose_nth_call_fails_leaves_the_file_in_the_bucket_or_in_the_trash(FaultMode mode, int volumes)
    {
        for (var n = 1; ; n++)
        {
            using var rig = new VolumeRig(volumes, isHeld: true);
            await Pack.PutAsync(rig.Bucket);
            await rig.Bucket.DeleteAsync(Pack.Name, default);
            var fault = new NthCall(n, mode, rig.Paths);
            rig.Hooks.Before = fault.Happen;
            var error = Record.Exception(() => rig.Trash.Restore(Pack.Name, default));
            rig.Hooks.Before = null;
            rig.Open(DiskCalls.Real);

            Assert.True(error is null or BlobStoreException, $"{error}");
            await CheckAsync(rig, $"Call {n} failed: {fault.Fired}.", deleted: false, Pack);
            if (fault.Fired is null)
            {
                return;
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Power_loss_at_a_random_call_loses_nothing_that_was_deleted_with_a_hold(int volumes)
    {
        for (var seed = FirstSeed; seed < FirstSeed + 80; seed++)
        {
            var random = new Random(seed);
            using var rig = new VolumeRig(volumes, root => new PowerLossDisk(root), (ulong)seed, isHeld: true);
            var blobs = Enumerable.Range(0, 5)
                .Select(i => TestBlob.Of(BlobName.Collections[random.Next(3)], random.Next(1, 2000), random.Next()))
                .Append(Config).ToArray();
            foreach (var blob in blobs)
            {
                await blob.PutAsync(rig.Bucket);
            }

            var fault = new NthCall(random.Next(1, 250), FaultMode.Crash, rig.Paths);
            rig.Hooks.Before = fault.Happen;
            var deleted = new HashSet<TestBlob>();
            for (var step = 0; step < 12 && fault.Fired is null; step++)
            {
                var blob = blobs[random.Next(blobs.Length)];
                if (random.Next(3) > 0)
                {
                    deleted.Remove(blob);
                    _ = await TryDeleteAsync(rig, blob) && deleted.Add(blob);
                }
                else
                {
                    deleted.Remove(blob);
                    Record.Exception(() => rig.Trash.Restore(blob.Name, default));
                }
            }

            rig.Hooks.Before = null;
            ((PowerLossDisk)rig.Hooks).LosePower(random.Next(3) == 0 ? null : random);
            rig.Open(DiskCalls.Real);

            var hint = $"Seed {seed}, power lost at {fault.Fired}.";
            await CheckAsync(rig, hint, deleted: false, blobs);
            await CheckAsync(rig, hint, deleted: true, [.. deleted]);
        }
    }

    private static async Task<bool> TryDeleteAsync(VolumeRig rig, TestBlob blob)
    {
        try
        {
            await rig.Bucket.DeleteAsync(blob.Name, default);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task CheckAsync(VolumeRig rig, string hint, bool deleted, params TestBlob[] blobs)
    {
        foreach (var blob in blobs)
        {
            var isThere = await rig.Bucket.FindAsync(blob.Name, default) is not null;
            Assert.True(!deleted || !isThere, $"{blob.Name} was deleted and is there. {hint}");
            if (!isThere)
            {
                Assert.True(rig.Trash.Restore(blob.Name, default).Outcome == RestoreOutcome.Restored, $"{blob.Name} is lost. {hint}");
            }

            var content = await blob.ReadAsync(rig.Bucket);
            Assert.True(blob.Content.AsSpan().SequenceEqual(content), $"{blob.Name} is torn. {hint}");
            await rig.Bucket.DeleteAsync(blob.Name, default); // so that a second look finds it deleted
        }
    }
}
