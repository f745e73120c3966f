using Halley.Server.Tasks;
using Halley.Storage.Moving;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Moves;

/// <summary>What a rebalance was asked for.</summary>
/// <param name="Among">Ids of the volumes between which files are moved; null for all that are writable.</param>
/// <param name="HighWaterPercent">How full they may become.</param>
internal sealed record RebalanceParameters(IReadOnlyList<Guid>? Among, double HighWaterPercent);

/// <summary>Moves files from volumes that are fuller than all together to those that are emptier. What is left to do is computed from the disks each time.</summary>
internal sealed class RebalanceKind(VolumeSet volumes, TimeProvider time) : TaskKind
{
    public const string Word = "rebalance";

    public override string Name => Word;

    public override async Task RunAsync(TaskRun run, CancellationToken cancellationToken)
    {
        var request = run.Parameters<RebalanceParameters>();
        var mover = new BlobMover(volumes, run.Pace, time);
        var among = volumes.All.Where(volume => volume.IsWritable && (request.Among is null || request.Among.Contains(volume.Id))).ToList();
        var surpluses = MovePlanning.Surpluses(among);
        run.ExpectMore(0, surpluses.Values.Where(surplus => surplus > 0).Sum());
        var givers = surpluses.Where(volume => volume.Value > 0).OrderByDescending(volume => volume.Value);
        var takers = new MoveTargets(volumes, [.. surpluses.Where(volume => volume.Value < 0).Select(volume => volume.Key)], request.HighWaterPercent);
        foreach (var (giver, surplus) in givers)
        {
            var pass = new MovePass(mover, takers, run);
            await pass.RunAsync(giver, surplus, cancellationToken);
            run.Log($"{pass.Moved} files were moved away from {giver.Path}.");
        }
    }
}
