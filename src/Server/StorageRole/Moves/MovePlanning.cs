using Halley.Protocol;
using Halley.Server.Data;
using Halley.Server.Tasks;
using Halley.Storage.Spanning;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Moves;

/// <summary>Says what a move would do before anything is moved.</summary>
internal sealed class MovePlanning(IDbContextFactory<ServerDbContext> databases)
{
    /// <summary>Volumes whose fill differs by less than this share are as good as equal.</summary>
    private const double Tolerance = 0.01;

    /// <summary>Everything on a volume goes to the others. Walks its folders.</summary>
    /// <exception cref="Storage.BlobStoreException">The volume is offline.</exception>
    public async Task<MovePlan> PlanDrainAsync(Volume source, MoveTargets targets, long? rate, CancellationToken cancellationToken)
    {
        var (files, bytes) = await Task.Run(() => Measure(source, cancellationToken), cancellationToken);
        var room = targets.Volumes.ToDictionary(volume => volume, targets.RoomOn);
        var total = room.Values.Sum();
        var moves = new Dictionary<Volume, long> { [source] = -bytes };
        foreach (var (volume, free) in room)
        {
            moves[volume] = total == 0 ? 0 : (long)((double)bytes * free / total);
        }

        return new MovePlan(files, bytes, bytes <= total, await EstimateAsync(bytes, rate, cancellationToken), [.. moves.Select(Describe)]);
    }

    /// <summary>Volumes that are fuller than all together give to those that are emptier.</summary>
    public async Task<MovePlan> PlanRebalanceAsync(MoveTargets targets, long? rate, CancellationToken cancellationToken)
    {
        var moves = Surpluses(targets.Volumes);
        var bytes = moves.Values.Where(surplus => surplus > 0).Sum();
        return new MovePlan(
            Files: null, bytes, Fits: true, await EstimateAsync(bytes, rate, cancellationToken),
            [.. moves.Select(move => Describe(new(move.Key, -move.Value)))]);
    }

    /// <summary>How many bytes each volume has too many, negative for too few; 0 for all when they are filled alike.</summary>
    public static Dictionary<Volume, long> Surpluses(IReadOnlyList<Volume> among)
    {
        var spaces = among.Where(volume => volume.Problem is null).ToDictionary(volume => volume, volume => volume.ReadSpace(isFresh: true));
        var fill = spaces.Values.Sum(space => (double)(space.Total - space.Free)) / Math.Max(1, spaces.Values.Sum(space => (double)space.Total));
        return spaces.ToDictionary(space => space.Key, space =>
        {
            var surplus = (long)(space.Value.Total - space.Value.Free - (fill * space.Value.Total));
            return Math.Abs(surplus) < space.Value.Total * Tolerance ? 0 : surplus;
        });
    }

    private static (long Files, long Bytes) Measure(Volume source, CancellationToken cancellationToken)
    {
        long files = 0, bytes = 0;
        foreach (var bucket in source.ListBuckets())
        {
            var (count, sum) = source.Measure(bucket, cancellationToken);
            files += count;
            bytes += sum;
        }

        foreach (var held in source.HeldFiles())
        {
            cancellationToken.ThrowIfCancellationRequested();
            files++;
            bytes += held.Length;
        }

        return (files, bytes);
    }

    private static MovePlanVolume Describe(KeyValuePair<Volume, long> move)
    {
        var (free, total, _) = move.Key.ReadSpace();
        return new MovePlanVolume(move.Key.Id, move.Key.Path, move.Value, Percent(total - free, total), Percent(total - free + move.Value, total));
    }

    private static double Percent(long used, long total) => total == 0 ? 0 : Math.Round(Math.Clamp(used * 100.0 / total, 0, 100), 1);

    private async Task<long?> EstimateAsync(long bytes, long? rate, CancellationToken cancellationToken) =>
        (rate ?? await LastRateAsync(cancellationToken)) is > 0 and var perSecond ? (bytes + perSecond - 1) / perSecond : null;

    private async Task<long?> LastRateAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var last = await database.Set<TaskRecord>().AsNoTracking()
            .Where(task => (task.Kind == DrainKind.Word || task.Kind == RebalanceKind.Word) && task.State == TaskState.Done && task.BytesDone > 0)
            .OrderByDescending(task => task.CreatedAt).FirstOrDefaultAsync(cancellationToken);
        return last is { EndedAt: { } end } ? (long)(last.BytesDone / Math.Max(1, (end - last.CreatedAt).TotalSeconds)) : null;
    }
}
