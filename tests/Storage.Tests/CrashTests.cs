using Halley.Storage.Disk;
using Halley.Storage.Spanning;
using Halley.Storage.Tests.Faults;
using Halley.Storage.Trash;
using Halley.Testing;

namespace Halley.Storage.Tests;

/// <summary>
/// Lets the first, second, third… call to the file system fail until a run passes without, and looks at what is left each time.
/// </summary>
public sealed class CrashTests
{
    private static readonly TestBlob Small = TestBlob.Of(BlobType.Data, 1000, seed: 1);
    private static readonly TestBlob Large = TestBlob.Of(BlobType.Index, 500_000, seed: 2);
    private static readonly TestBlob Lock = TestBlob.Of(BlobType.Locks, 150, seed: 3);
    private static readonly TestBlob Config = TestBlob.Of(BlobType.Config, 155, seed: 4);
    private static readonly TestBlob OtherConfig = TestBlob.Of(BlobType.Config, 155, seed: 5);

    public static TheoryData<FaultMode, int> ModesAndVolumes
    {
        get
        {
            var data = new TheoryData<FaultMode, int>();
            foreach (var mode in Enum.GetValues<FaultMode>())
            {
                data.Add(mode, 1);
                data.Add(mode, 2);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ModesAndVolumes))]
    public Task Upload_whose_nth_call_fails_is_kept_whole_or_leaves_nothing(FaultMode mode, int volumes) =>
        FailEachCallAsync(mode, volumes, _ => Task.CompletedTask, async (ledger, rig) =>
        {
            await ledger.PutAsync(rig.Bucket, Small);
            await ledger.PutAsync(rig.Bucket, Large);
            await ledger.PutAsync(rig.Bucket, Lock);
        });

    [Theory]
    [MemberData(nameof(ModesAndVolumes))]
    public Task Config_whose_nth_call_fails_is_kept_whole_or_leaves_nothing(FaultMode mode, int volumes) =>
        FailEachCallAsync(mode, volumes, _ => Task.CompletedTask, async (ledger, rig) =>
        {
            await ledger.PutAsync(rig.Bucket, Config);
            await ledger.PutAsync(rig.Bucket, OtherConfig);
            await ledger.PutAsync(rig.Bucket, Config);
        });

    [Theory]
    [MemberData(nameof(ModesAndVolumes))]
    public Task Upload_again_whose_nth_call_fails_does_not_harm_what_is_there(FaultMode mode, int volumes) =>
        FailEachCallAsync(
            mode,
            volumes,
            async context =>
            {
                await context.Ledger.PutAsync(context.Rig.Bucket, Small);
                await context.Ledger.PutAsync(context.Rig.Bucket, Config);
            },
            async (ledger, rig) =>
            {
                await ledger.PutAsync(rig.Bucket, Small);
                await ledger.PutAsync(rig.Bucket, Config);
            });

    [Theory]
    [MemberData(nameof(ModesAndVolumes))]
    public Task Upload_over_a_torn_file_whose_nth_call_fails_heals_it_or_leaves_nothing_new(FaultMode mode, int volumes) =>
        FailEachCallAsync(
            mode,
            volumes,
            async context =>
            {
                await context.Ledger.PutAsync(context.Rig.Bucket, Lock);
                for (var i = 0; i < volumes; i++)
                {
                    context.Rig.CopyIn(i, Small.Name, Small.Content.AsSpan(0, 300));
                }
            },
            (ledger, rig) => ledger.PutAsync(rig.Bucket, Small),
            checkContent: false);

    [Theory]
    [MemberData(nameof(ModesAndVolumes))]
    public Task Delete_whose_nth_call_fails_leaves_the_whole_file_or_none(FaultMode mode, int volumes) =>
        FailEachCallAsync(
            mode,
            volumes,
            async context =>
            {
                await context.Ledger.PutAsync(context.Rig.Bucket, Small);
                await context.Ledger.PutAsync(context.Rig.Bucket, Lock);
                for (var i = 0; i < volumes; i++)
                {
                    context.Rig.CopyIn(i, Lock.Name, Lock.Content); // on each volume
                }
            },
            async (ledger, rig) =>
            {
                await ledger.DeleteAsync(rig.Bucket, Small);
                await ledger.DeleteAsync(rig.Bucket, Lock);
            });

    [Theory]
    [MemberData(nameof(ModesAndVolumes))]
    public Task Discard_of_a_bucket_whose_nth_call_fails_can_be_repeated(FaultMode mode, int volumes) =>
        FailEachCallAsync(
            mode,
            volumes,
            async context =>
            {
                await context.Ledger.PutAsync(context.Rig.Bucket, Small);
                await context.Ledger.PutAsync(context.Rig.Bucket, Lock);
            },
            (ledger, rig) =>
            {
                ledger.Discard(() => new DiscardedBuckets(rig.Set).Discard(VolumeRig.BucketId));
                return Task.CompletedTask;
            },
            async (ledger, rig) =>
            {
                ledger.Discard(() => new DiscardedBuckets(rig.Set).Discard(VolumeRig.BucketId));
                Assert.Null(ledger.LastError);
                Assert.Null(await rig.Bucket.FindAsync(Small.Name, CancellationToken.None));
                Assert.All(rig.Set.All, volume => new VolumeTrash(volume).RemoveBuckets(CancellationToken.None));
                Assert.All(rig.Paths,
                    path => Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(path, VolumeLayout.BucketTrash))));
            });

    [Theory]
    [InlineData(FaultMode.ErrorOnce)]
    [InlineData(FaultMode.FullOnce)]
    [InlineData(FaultMode.Crash)]
    public void Making_of_a_volume_whose_nth_call_fails_can_be_repeated(FaultMode mode)
    {
        for (var n = 1; ; n++)
        {
            using var directory = new TemporaryDirectory();
            var path = directory["deep", "volume"];
            var fault = new NthCall(n, mode, [path]);
            using var rig = new VolumeRig(1);
            var id = TryMark(rig.NewSet(new HookedDisk { Before = fault.Happen }), path);

            var set = rig.NewSet(DiskCalls.Real);
            var again = set.Mark(path);

            Assert.True(id is null || id == again, $"The volume changed its id when call {n} failed ({fault.Fired}).");
            var volume = set.Add(again, path, isWritable: true);
            volume.SweepStaging();
            Assert.Null(volume.Problem);
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(path, StagingDirectory.Name)));
            if (fault.Fired is null)
            {
                Assert.True(n > 10);
                return;
            }
        }
    }

    [Theory]
    [InlineData(FaultMode.ErrorOnce)]
    [InlineData(FaultMode.FullOnce)]
    [InlineData(FaultMode.FullFromThenOn)]
    [InlineData(FaultMode.ErrorFromThenOn)]
    public async Task Upload_whose_nth_call_fails_on_one_volume_succeeds_on_the_other(FaultMode mode)
    {
        for (var n = 1; ; n++)
        {
            using var rig = new VolumeRig(2);
            var fault = new NthCall(n, mode, rig.Paths);
            rig.Hooks.Before = fault.Happen;

            var outcome = default(PutOutcome?);
            var error = await Record.ExceptionAsync(async () => outcome = await Large.PutAsync(rig.Bucket));
            rig.Hooks.Before = null;

            // What was published cannot be taken back: a volume that fails between the rename and the flush of its folder is an error.
            var mayFail = fault.Fired?.Operation == nameof(DiskCalls.FlushDirectory)
                || (mode == FaultMode.ErrorFromThenOn && fault.Fired?.Operation is not nameof(DiskCalls.ReadSmall));
            Assert.True(
                outcome == PutOutcome.Stored || (mayFail && error is BlobStoreException), $"Call {n} ({fault.Fired}): {outcome} {error}");
            Assert.True(
                mode == FaultMode.ErrorFromThenOn || !rig.Staged().Any(), $"Call {n} ({fault.Fired}): something is left in staging.");
            if (fault.Fired is null)
            {
                return;
            }
        }
    }

    private static Guid? TryMark(VolumeSet set, string path)
    {
        try
        {
            return set.Mark(path);
        }
        catch (BlobStoreException)
        {
            return null;
        }
    }

    private static async Task FailEachCallAsync(
        FaultMode mode,
        int volumes,
        Func<(Ledger Ledger, VolumeRig Rig), Task> prepare,
        Func<Ledger, VolumeRig, Task> run,
        Func<Ledger, VolumeRig, Task>? finish = null,
        bool checkContent = true)
    {
        for (var n = 1; ; n++)
        {
            using var rig = new VolumeRig(volumes);
            var ledger = new Ledger();
            await prepare((ledger, rig));
            var fault = new NthCall(n, mode, rig.Paths);
            rig.Hooks.Before = fault.Happen;

            await run(ledger, rig);

            var hint = $"Call {n} failed: {fault.Fired}.";
            rig.Hooks.Before = null;
            Assert.True(mode is FaultMode.Crash or FaultMode.ErrorOnce or FaultMode.ErrorFromThenOn || !rig.Staged().Any(),
                $"Something is left in staging. {hint}");
            rig.Open(DiskCalls.Real);
            rig.Sweep();
            Assert.True(!rig.Staged().Any(), $"The sweep left something. {hint}");
            if (checkContent)
            {
                await ledger.CheckAsync(rig.Bucket, hint);
            }

            await (finish?.Invoke(ledger, rig) ?? Task.CompletedTask);
            await ledger.CheckThatAllCanBeUploadedAsync(rig.Bucket, hint);
            if (fault.Fired is null)
            {
                Assert.True(n > 1 || mode is FaultMode.FullOnce or FaultMode.FullFromThenOn, "Nothing was tried.");
                return;
            }
        }
    }
}
