using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.StorageRole.Scrubs;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;
using Halley.Storage.Moving;
using Halley.Storage.Scrubbing;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;

namespace Halley.Server.StorageRole.Moves;

/// <summary>The request for a drain.</summary>
/// <param name="Targets">Ids of the volumes that may take files; null for all.</param>
/// <param name="HighWaterPercent">How full they may become.</param>
/// <param name="ModeBefore">The mode that a cancelled drain restores.</param>
internal sealed record DrainParameters(IReadOnlyList<Guid>? Targets, double HighWaterPercent, VolumeMode ModeBefore);

/// <summary>
/// Empties a volume during operation. Nothing new is placed on it meanwhile. The files still on the volume are the remaining work, so the
/// task can be stopped and started at any moment. In the end the volume is empty and read-only, and can be removed.
/// </summary>
internal sealed class DrainKind(VolumeSet volumes, VolumeActions catalog, FindingStore findings, TimeProvider time) : TaskKind
{
    public const string Word = "drain";

    /// <summary>How often the drain waits for another process to finish its copy on a target.</summary>
    private const int MostWaits = 60;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    public override string Name => Word;

    public override async Task RunAsync(TaskRun run, CancellationToken cancellationToken)
    {
        var request = run.Parameters<DrainParameters>();
        if (!Guid.TryParse(run.Subject, out var id) || volumes.Find(id) is not { } source)
        {
            throw new TaskFailedException("The volume is no longer in service. Cancel this task.");
        }

        var mover = new BlobMover(volumes, run.Pace, time);
        var named = new HashSet<UnreadableFolder>();
        for (var waits = 0; waits <= MostWaits;)
        {
            var unreadable = new List<UnreadableFolder>();
            var (files, bytes) = Remaining(source, unreadable.Add, cancellationToken);
            run.ExpectMore(files, bytes);
            if (files > 0)
            {
                run.Log($"{files} files with {bytes} bytes are to be moved.");
            }

            foreach (var folder in unreadable.Where(named.Add))
            {
                await NameAsync(run, source, folder, cancellationToken);
            }

            if (files == 0 && unreadable.Count > 0)
            {
                throw new TaskFailedException(
                    $"All other files are moved, but {unreadable.Count} folders cannot be read and may hold more; the log of this task "
                    + "names them. Repair the file system or correct their owner and mode; then resume.");
            }

            if (files == 0 && !source.IsBeingWritten)
            {
                await MoveHeldAsync(run, source, TargetsOf(request, source), cancellationToken);

                run.Log("The volume is empty and can be removed.");
                return;
            }

            var pass = new MovePass(mover, TargetsOf(request, source), run);
            await pass.RunAsync(source, budget: null, cancellationToken);
            if (pass.Quarantined > 0)
            {
                await findings.CollectAsync(cancellationToken); // before the volume can be removed
                continue;
            }

            if (pass.Stayed > 0 && pass.Moved == 0)
            {
                throw new TaskFailedException(
                    $"{pass.Stayed} files cannot be moved; the log of this task names them. Scrub the volume, then resume.");
            }

            if (pass.Moved == 0)
            {
                waits++;
                await Task.Delay(Wait, time, cancellationToken);
            }
        }

        throw new TaskFailedException("Another process keeps copying files between the volumes. Resume when it has finished.");
    }

    public override async Task CancelledAsync(TaskRun run, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(run.Subject, out var id))
        {
            await catalog.UpdateAsync(Caller.Server, id, new UpdateVolume(run.Parameters<DrainParameters>().ModeBefore), cancellationToken);
        }
    }

    private MoveTargets TargetsOf(DrainParameters request, Volume source) => new(
        volumes, [.. volumes.All.Where(volume => volume != source && (request.Targets is null || request.Targets.Contains(volume.Id)))],
        request.HighWaterPercent);

    private async Task NameAsync(TaskRun run, Volume source, UnreadableFolder folder, CancellationToken cancellationToken)
    {
        var finding = ScrubFinding.Of(source.Id, folder);
        run.Log($"{finding.Path} of bucket {finding.BucketId} cannot be read. {finding.Reason}");
        await findings.RecordAsync(finding, ScrubPart.Of(folder).Index, cancellationToken);
    }

    private async Task MoveHeldAsync(TaskRun run, Volume source, MoveTargets targets, CancellationToken cancellationToken)
    {
        var unreadable = new List<UnreadableTrash>();
        var held = new HeldMoves(new HeldMover(volumes, run.Pace, time), targets, run);
        var stayed = await held.RunAsync(source, unreadable.Add, cancellationToken);
        foreach (var found in unreadable)
        {
            run.Log($"{found.Path} cannot be read. {found.Reason}");
            await findings.RecordAsync(source.Id, found, cancellationToken);
        }

        if (unreadable.Count > 0)
        {
            throw new TaskFailedException(
                $"All other files are moved, but {unreadable.Count} folders of deleted files cannot be read and may hold more; the log of "
                + "this task names them. Repair the file system or correct their owner and mode; then resume.");
        }

        if (stayed > 0)
        {
            throw new TaskFailedException($"{stayed} deleted files that are held cannot be moved. Resume, or wait until their hold ends.");
        }
    }

    private static (long Files, long Bytes) Remaining(
        Volume source, Action<UnreadableFolder> unreadable, CancellationToken cancellationToken)
    {
        long files = 0, bytes = 0;
        foreach (var file in source.Files(unreadable))
        {
            cancellationToken.ThrowIfCancellationRequested();
            files++;
            bytes += file.Length;
        }

        return (files, bytes);
    }
}

/// <summary>
/// Moves the held deleted files: each goes to the trash of another volume, and its hold ends at the same time as before.
/// </summary>
internal sealed class HeldMoves(HeldMover mover, MoveTargets targets, TaskRun run)
{
    /// <summary>Moves all it finds. Returns the number of files that could not be moved.</summary>
    /// <exception cref="TaskFailedException">No target has room.</exception>
    public async Task<int> RunAsync(Volume source, Action<UnreadableTrash> unreadable, CancellationToken cancellationToken)
    {
        var stayed = 0;
        foreach (var file in new VolumeTrash(source).Files(unreadable))
        {
            switch (await MoveAsync(file, source, cancellationToken))
            {
                case MoveOutcome.Moved or MoveOutcome.WasThere:
                    run.Done(1, file.Length);
                    break;
                case MoveOutcome.Gone:
                    break;
                default:
                    stayed++;
                    break;
            }
        }

        return stayed;
    }

    private async Task<MoveOutcome> MoveAsync(HeldPath file, Volume source, CancellationToken cancellationToken)
    {
        foreach (var target in targets.InOrderFor(file.Length))
        {
            var outcome = await mover.MoveAsync(file, source, target, cancellationToken);
            if (outcome != MoveOutcome.NoRoom)
            {
                return outcome;
            }
        }

        throw new TaskFailedException(
            $"No other volume has room for a deleted file of {file.Length} bytes that is held. "
            + "Add a volume or make one writable; then resume.");
    }
}
