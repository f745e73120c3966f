using System.Net;
using Halley.Protocol;
using Xunit.Abstractions;

namespace Halley.EndToEnd.Tests;

/// <summary>Volumes of really different size are filled alike, and one goes while another comes, under a running backup.</summary>
public sealed class RebalanceTests(ITestOutputHelper output)
{
    private const int FileSize = 256 * 1024;
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(2);
    private static readonly Dictionary<string, string> NoReserve = new() { [ServerOptions.VolumeReserve] = "0" };

    [Fact]
    public async Task Volumes_of_different_size_are_filled_alike_and_not_above_the_mark()
    {
        await using var small = await TmpfsVolume.MountAsync(megabytes: 16);
        await using var large = await TmpfsVolume.MountAsync(megabytes: 64);
        await using var installation = await Installation.StartAsync(small.Path, NoReserve);
        var admin = installation.Admin;
        await admin.SetVolumeModeAsync((await installation.VolumeAtAsync(installation.FirstVolume)).Id, VolumeMode.ReadOnly);
        var vault = await Vault.AddToAsync(installation);
        using var files = vault.OpenWithHttp();
        var names = await UploadAsync(files, TestRun.Randomness(output), count: 50);
        var added = await admin.AddVolumeAsync(large.Path);
        var among = new[] { (await installation.VolumeAtAsync(small.Path)).Id, added.Id };

        var plan = await admin.RebalanceAsync(new MoveRequest(Targets: among));
        Assert.Null(plan.Task);
        Assert.InRange(plan.Bytes, 9 * 1024 * 1024, 11 * 1024 * 1024);
        Assert.Equal(50, FilesOn(small.Path));
        Assert.Equal(0, FilesOn(large.Path));

        // No higher than 5 %: twelve files of a quarter of a megabyte, and then it says what is missing.
        var marked = (await admin.RebalanceAsync(new MoveRequest(Apply: true, among, HighWaterPercent: 5))).Task!;
        Assert.Equal(TaskState.Failed, await EndAsync(admin, marked));
        Assert.InRange(FilesOn(large.Path), 10, 12);
        Assert.InRange(Fill(large.Path), 3.9, 5);
        await admin.CancelTaskAsync(marked.Id);

        var applied = (await admin.RebalanceAsync(new MoveRequest(Apply: true, among))).Task!;
        Assert.Equal(TaskState.Done, await EndAsync(admin, applied));
        var (one, other) = (Fill(small.Path), Fill(large.Path));
        Assert.True(Math.Abs(one - other) < 4, $"{one} % and {other} %");
        Assert.Equal(50, FilesOn(small.Path) + FilesOn(large.Path));
        foreach (var name in names)
        {
            await files.VerifyAsync(name);
        }
    }

    [Fact]
    public async Task Third_volume_comes_and_the_first_goes_while_restic_works()
    {
        await using var first = await TmpfsVolume.MountAsync(megabytes: 96);
        await using var second = await TmpfsVolume.MountAsync(megabytes: 128);
        await using var third = await TmpfsVolume.MountAsync(megabytes: 256);
        await using var installation = await Installation.StartAsync(first.Path, NoReserve);
        var admin = installation.Admin;
        await admin.RemoveVolumeAsync((await installation.VolumeAtAsync(installation.FirstVolume)).Id);
        await admin.AddVolumeAsync(second.Path);
        var vault = await Vault.AddToAsync(installation);
        using var restic = vault.OpenWithRestic(smallPacks: true);
        using var tree = SourceTree.OfRealFiles(48);
        await restic.RunAsync("init");
        await restic.RunAsync("backup", tree.Path);
        using var enough = new CancellationTokenSource();
        var loop = BackUpAsync(restic, tree, TestRun.Randomness(output), enough.Token);

        await admin.AddVolumeAsync(third.Path);
        var plan = await admin.RebalanceAsync(new MoveRequest(Apply: true));
        Assert.NotNull(plan.Task);
        Assert.Equal(TaskState.Done, await EndAsync(admin, plan.Task));
        var leaving = await installation.VolumeAtAsync(first.Path);
        Assert.Equal(TaskState.Done, await EndAsync(admin, await admin.DrainAsync(leaving.Id)));
        await admin.RemoveVolumeAsync(leaving.Id);

        await enough.CancelAsync();
        Assert.True(await loop > 0);
        Assert.Equal(new[] { second.Path, third.Path }.Order(), (await admin.ListVolumesAsync()).Select(volume => volume.Path).Order());
        Assert.Equal(0, FilesOn(first.Path));
        await restic.RunAsync("backup", tree.Path);
        await restic.RunAsync("check", "--read-data");
    }

    // Counts whole rounds; at least one is run to its end.
    private static async Task<int> BackUpAsync(Restic restic, SourceTree tree, Random randomness, CancellationToken enough)
    {
        var rounds = 0;
        do
        {
            tree.Change(randomness, newMegabytes: 8);
            await restic.RunAsync("backup", tree.Path);
            await restic.RunAsync("forget", "--keep-last", "1", "--prune");
            rounds++;
        }
        while (!enough.IsCancellationRequested);

        return rounds;
    }

    private static async Task<List<string>> UploadAsync(VaultFiles files, Random randomness, int count)
    {
        var names = new List<string>();
        for (var number = 0; number < count; number++)
        {
            var content = new byte[FileSize];
            randomness.NextBytes(content);
            Assert.Equal(HttpStatusCode.OK, await files.UploadAsync(content));
            names.Add(VaultFiles.NameOf(content));
        }

        return names;
    }

    private static async Task<TaskState> EndAsync(AdminClient admin, TaskInfo task)
    {
        var state = task.State;
        await Eventually.HoldsAsync(
            $"the {task.Kind} ends", Soon, async () =>
                (state = (await admin.FindTaskAsync(task.Id)).State) is TaskState.Done or TaskState.Failed);
        return state;
    }

    private static double Fill(string path) =>
        new DriveInfo(path) is var disk ? 100.0 * (disk.TotalSize - disk.AvailableFreeSpace) / disk.TotalSize : 0;

    private static int FilesOn(string volume) =>
        Directory.EnumerateFiles(Path.Combine(volume, "buckets"), "*", SearchOption.AllDirectories).Count();
}
