using System.Diagnostics;
using Halley.Protocol;
using Xunit.Abstractions;

namespace Halley.EndToEnd.Tests;

/// <summary>Volumes are drained to and fro while restic is at work and the server is killed again and again.</summary>
public sealed class DrainTests(ITestOutputHelper output)
{
    private static readonly TimeSpan SlowDuration = TimeSpan.FromMinutes(10);
    private int _drains;
    private int _kills;

    [Fact]
    public async Task Draining_and_killing_disturb_no_backup_restore_or_prune()
    {
        var wantedKills = TestRun.IsSlow ? 50 : 4;
        var randomness = TestRun.Randomness(output);
        using var memory = TemporaryDirectory.InMemory();
        await using var installation = await Installation.StartAsync(secondVolume: memory.Combine("volume-2"));
        var vault = await Vault.AddToAsync(installation);
        using var restic = vault.OpenWithRestic();
        using var tree = SourceTree.OfRealFiles(120);
        await restic.RunAsync("init");
        await restic.RunAsync("backup", tree.Path);

        using var enough = new CancellationTokenSource();
        var drains = DrainToAndFroAsync(installation, new Random(randomness.Next()), wantedKills, enough.Token);
        var start = Stopwatch.GetTimestamp();
        do
        {
            tree.Change(randomness);
            await RunAsync(restic, "backup", tree.Path);
            using var restored = new TemporaryDirectory();
            await RunAsync(restic, "restore", "latest", "--target", restored.Path);
            TreeComparison.AssertEqual(tree.Path, restored.Path + tree.Path);
            await RunAsync(restic, "forget", "--keep-last", "1", "--prune");
        }
        while (!drains.IsFaulted && (_kills < wantedKills || _drains < 2 || (TestRun.IsSlow && Stopwatch.GetElapsedTime(start) < SlowDuration)));

        await enough.CancelAsync();
        await drains;
        await restic.RunAsync("check", "--read-data");
        await ValidationCommand.AssertOnlyOkAsync(vault);
        output.WriteLine($"{_drains} drains, {_kills} kills");
    }

    // restic repeats everything but its very first request; a command that began while the server was down is given once more, as a person would.
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

    // One volume after the other is emptied; the server is killed at a random moment of a drain and goes on with it by itself.
    private async Task DrainToAndFroAsync(Installation installation, Random randomness, int wantedKills, CancellationToken enough)
    {
        // A server that is down more often than up wears out restic's ten retries, which says nothing of drains.
        var pause = TestRun.IsSlow ? SlowDuration / wantedKills : TimeSpan.FromSeconds(3);
        var up = Stopwatch.GetTimestamp();
        for (var turn = 0; !enough.IsCancellationRequested; turn++)
        {
            var volumes = await installation.Admin.ListVolumesAsync();
            var (from, to) = (volumes[turn % 2], volumes[(turn + 1) % 2]);
            await installation.Admin.SetVolumeModeAsync(to.Id, VolumeMode.Writable);
            var task = await installation.Admin.DrainAsync(from.Id);
            if (_kills < wantedKills && Stopwatch.GetElapsedTime(up) >= pause)
            {
                await Task.Delay(randomness.Next(5, 700), CancellationToken.None); // the one wait by the clock: it is the random moment
                await installation.Server.KillAsync();
                await installation.Server.StartAgainAsync();
                up = Stopwatch.GetTimestamp();
                _kills++;
            }

            await Eventually.HoldsAsync("the drain ends", TimeSpan.FromMinutes(2), async () => await HasEndedAsync(installation.Admin, task.Id));
            _drains++;
        }
    }

    private static async Task<bool> HasEndedAsync(AdminClient admin, Guid taskId)
    {
        var task = await admin.FindTaskAsync(taskId);
        Assert.True(task.State is TaskState.Running or TaskState.Done, $"The drain ended as {task.State}: {task.Problem}");
        return task.State == TaskState.Done;
    }
}
