using Halley.Protocol;
using Halley.Server.StorageRole.Scrubs;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;
using Halley.Storage.Moving;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Moves;

/// <summary>What a drain was asked for.</summary>
/// <param name="Targets">Ids of the volumes that may take files; null for all.</param>
/// <param name="HighWaterPercent">How full they may become.</param>
/// <param name="ModeBefore">What the volume goes back to when the drain is cancelled.</param>
internal sealed record DrainParameters(IReadOnlyList<Guid>? Targets, double HighWaterPercent, VolumeMode ModeBefore);

/// <summary>
/// Empties a volume while everything runs. Nothing new is placed on it meanwhile; what is left to do is what is found on it, so it can be
/// stopped and started at any moment. When it is done the volume is empty and read-only, and can be removed.
/// </summary>
internal sealed class DrainKind(VolumeSet volumes, VolumeCatalog catalog, ScrubFindings findings, TimeProvider time) : TaskKind
{
    public const string Word = "drain";

    /// <summary>A copy in the making on a target ends sooner or later; so often it is waited for.</summary>
    private const int MostWaits = 60;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    public override string Name => Word;

    public override async Task RunAsync(TaskRun run, CancellationToken cancellationToken)
    {
        var request = run.Parameters<DrainParameters>();
        if (!Guid.TryParse(run.Subject, out var id) || volumes.Find(id) is not { } source)
        {
            throw new TaskFailedException("The volume is not in service any more. Cancel this task.");
        }

        var mover = new BlobMover(volumes, run.Pace, time);
        for (var waits = 0; waits <= MostWaits;)
        {
            var (files, bytes) = Remaining(source, cancellationToken);
            run.ExpectMore(files, bytes);
            if (files == 0 && !source.IsBeingWritten)
            {
                if (await new HeldMoves(mover, TargetsOf(request, source), run).RunAsync(source, cancellationToken) is > 0 and var stayed)
                {
                    throw new TaskFailedException($"{stayed} deleted files that are held cannot be moved. Resume, or wait until they are due.");
                }

                run.Log("The volume is empty. It can be removed.");
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
                throw new TaskFailedException($"{pass.Stayed} files cannot be moved; the log of this task names them. Scrub the volume, then resume.");
            }

            if (pass.Moved == 0)
            {
                waits++;
                await Task.Delay(Wait, time, cancellationToken);
            }
        }

        throw new TaskFailedException("Somebody else keeps copying files between the volumes. Resume when that has ended.");
    }

    public override async Task CancelledAsync(TaskRun run, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(run.Subject, out var id))
        {
            await catalog.SetModeAsync(id, run.Parameters<DrainParameters>().ModeBefore, cancellationToken);
        }
    }

    private MoveTargets TargetsOf(DrainParameters request, Volume source) => new(
        volumes, [.. volumes.All.Where(volume => volume != source && (request.Targets is null || request.Targets.Contains(volume.Id)))], request.HighWaterPercent);

    private static (long Files, long Bytes) Remaining(Volume source, CancellationToken cancellationToken)
    {
        long files = 0, bytes = 0;
        foreach (var file in source.Files())
        {
            cancellationToken.ThrowIfCancellationRequested();
            files++;
            bytes += file.Length;
        }

        return (files, bytes);
    }
}
