using System.Diagnostics;
using Halley.Protocol;
using Xunit.Abstractions;

namespace Halley.EndToEnd.Tests;

/// <summary>
/// Volumes are drained, filled alike and scrubbed while restic is at work and the server is killed again and again; a third one comes on
/// the way.
/// </summary>
public sealed class VolumeWorkTests(ITestOutputHelper output)
{
    private static readonly TimeSpan SlowDuration = TimeSpan.FromMinutes(10);
    private int _tasks;
    private int _kills;

    [Fact]
    public async Task Drains_rebalances_scrubs_and_kills_disturb_no_backup_restore_or_prune()
    {
        var wantedKills = TestRun.IsSlow ? 50 : 2;
        var randomness = TestRun.Randomness(output);
        using var memory = TemporaryDirectory.InMemory();
        await using var third = await TmpfsVolume.MountAsync(megabytes: 512);
        await using var installation = await Installation.StartAsync(memory.Combine("volume-2"), ServerOptions.NoOwnScrubs);
        var vault = await Vault.AddToAsync(installation);
        using var restic = vault.OpenWithRestic(smallPacks: !TestRun.IsSlow);
        using var tree = SourceTree.OfRealFiles(TestRun.IsSlow ? 120 : 40);
        await restic.RunAsync("init");
        await restic.RunAsync("backup", tree.Path);

        using var enough = new CancellationTokenSource();
        var work = WorkAsync(installation, third.Path, new Random(randomness.Next()), wantedKills, enough.Token);
        var start = Stopwatch.GetTimestamp();
        do
        {
            tree.Change(randomness, TestRun.IsSlow ? 24 : 8);
            await RunAsync(restic, "backup", tree.Path);
            using var restored = new TemporaryDirectory();
            await RunAsync(restic, "restore", "latest", "--target", restored.Path);
            TreeComparison.AssertEqual(tree.Path, restored.Path + tree.Path);
            await RunAsync(restic, "forget", "--keep-last", "1", "--prune");
        }
        while (!work.IsFaulted
            && (_kills < wantedKills || _tasks < 6 || (TestRun.IsSlow && Stopwatch.GetElapsedTime(start) < SlowDuration)));

        await enough.CancelAsync();
        await work;
        await restic.RunAsync("check", "--read-data");
        await ValidationCommand.AssertOnlyOkAsync(vault);
        output.WriteLine($"{_tasks} drains, rebalances and scrubs, {_kills} kills");
    }

    // restic repeats everything but its very first request; a command that began while the server was down is given once more, as a person
    // would.
    private static async Task RunAsync(Restic restic, params string[] arguments)
    {
        ProgramRun run;
        do
        {
            run = await restic.TryAsync(arguments);
        }
        while (run.ExitCode != 0 && run.StandardError.Contains("unable to open config file: client.Head", StringComparison.Ordinal));
        run.EnsureSuccess();
    }

    // One task after the other; the server is killed at a random moment of one and goes on with it by itself.
    private async Task WorkAsync(
        Installation installation, string thirdVolume, Random randomness, int wantedKills, CancellationToken enough)
    {
        // A server that is down more often than up wears out restic's ten retries, which says nothing of the work.
        var pause = TestRun.IsSlow ? SlowDuration / wantedKills : TimeSpan.FromSeconds(2);
        var up = Stopwatch.GetTimestamp();
        var hasThird = false;
        for (var turn = 0; !enough.IsCancellationRequested; turn++)
        {
            if (!hasThird && _kills >= wantedKills / 2)
            {
                await installation.Admin.AddVolumeAsync(thirdVolume);
                hasThird = true;
            }

            if (await BeginAsync(installation.Admin, turn) is not { } task)
            {
                continue;
            }

            if (_kills < wantedKills && Stopwatch.GetElapsedTime(up) >= pause)
            {
                await Task.Delay(randomness.Next(5, 700), CancellationToken.None); // the one wait by the clock: it is the random moment
                await installation.Server.KillAsync();
                await installation.Server.StartAgainAsync();
                up = Stopwatch.GetTimestamp();
                _kills++;
            }

            await Eventually.HoldsAsync(
                "the task ends", TimeSpan.FromMinutes(2), async () => await HasEndedAsync(installation.Admin, task.Id));
            _tasks++;
        }
    }

    // A volume is emptied, comes back and is filled again, and another one is read from end to end.
    private static async Task<TaskInfo?> BeginAsync(AdminClient admin, int turn)
    {
        var volumes = await admin.ListVolumesAsync();
        var one = volumes[turn / 3 % volumes.Count];
        switch (turn % 3)
        {
            case 0:
                return await admin.DrainAsync(one.Id);
            case 1:
                await admin.SetVolumeModeAsync(one.Id, VolumeMode.Writable);
                return (await admin.RebalanceAsync(new MoveRequest(Apply: true))).Task;
            default:
                return await admin.ScrubAsync(one.Id);
        }
    }

    private static async Task<bool> HasEndedAsync(AdminClient admin, Guid taskId)
    {
        var task = await admin.FindTaskAsync(taskId);
        Assert.True(task.State is TaskState.Running or TaskState.Done, $"The {task.Kind} ended as {task.State}: {task.Problem}");
        return task.State == TaskState.Done;
    }
}
