using Halley.Server.Tasks;
using Halley.Storage.Moving;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Moves;

/// <summary>The request for a rebalance.</summary>
/// <param name="Among">Ids of the volumes between which files are moved; null for all that are writable.</param>
/// <param name="HighWaterPercent">How full they may become.</param>
internal sealed record RebalanceParameters(IReadOnlyList<Guid>? Among, double HighWaterPercent);

/// <summary>
/// Moves files from volumes that are fuller than the average to emptier ones. The remaining work is computed from the disks at each start.
/// </summary>
internal sealed class RebalanceKind(VolumeSet volumes, TimeProvider time) : TaskKind
{
    public const string Word = "rebalance";

    /// <summary>Volumes whose fill differs from the average by less than this share are balanced.</summary>
    private const double Tolerance = 0.01;

    public override string Name => Word;

    /// <summary>The bytes that each volume has too many; negative for too few, 0 for all when the volumes are balanced.</summary>
    public static Dictionary<Volume, long> Surpluses(IReadOnlyList<Volume> among)
    {
        var spaces = among.Where(volume => volume.Problem is null)
            .ToDictionary(volume => volume, volume => volume.ReadSpace(isFresh: true));
        var fill = spaces.Values.Sum(space => (double)(space.Total - space.Free)) / Math.Max(
            1, spaces.Values.Sum(space => (double)space.Total));
        return spaces.ToDictionary(space => space.Key, space =>
        {
            var surplus = (long)(space.Value.Total - space.Value.Free - (fill * space.Value.Total));
            return Math.Abs(surplus) < space.Value.Total * Tolerance ? 0 : surplus;
        });
    }

    public override async Task RunAsync(TaskRun run, CancellationToken cancellationToken)
    {
        var request = run.Parameters<RebalanceParameters>();
        var mover = new BlobMover(volumes, run.Pace, time);
        var among = volumes.All.Where(volume => volume.IsWritable && (request.Among is null || request.Among.Contains(volume.Id))).ToList();
        var surpluses = Surpluses(among);
        run.ExpectMore(0, surpluses.Values.Where(surplus => surplus > 0).Sum());
        var givers = surpluses.Where(volume => volume.Value > 0).OrderByDescending(volume => volume.Value);
        var takers = new MoveTargets(
            volumes, [.. surpluses.Where(volume => volume.Value < 0).Select(volume => volume.Key)], request.HighWaterPercent);
        foreach (var (giver, surplus) in givers)
        {
            var pass = new MovePass(mover, takers, run);
            await pass.RunAsync(giver, surplus, cancellationToken);
            run.Log($"{pass.Moved} files were moved off {giver.Path}.");
        }
    }
}
