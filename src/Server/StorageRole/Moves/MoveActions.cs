using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;
using Halley.Storage;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Moves;

/// <summary>
/// The operations that move files between volumes: drain one, or rebalance them. Either is only planned unless the request says to apply
/// it.
/// </summary>
internal sealed class MoveActions(VolumeSet volumes, VolumeActions catalog, TaskRunner tasks, IDbContextFactory<ServerDbContext> databases)
{
    private const Requires Rights = Requires.TopLevel | Requires.EditServerSettings;

    /// <summary>Moves everything on a volume to the others. Nothing new is placed on it meanwhile.</summary>
    public async Task<Outcome<MovePlan>> DrainAsync(Caller caller, Guid volumeId, MoveRequest request, CancellationToken cancellationToken)
    {
        if (caller.Lacks(Rights) is { } refusal)
        {
            return refusal;
        }

        if (volumes.Find(volumeId) is not { } source)
        {
            return VolumeActions.NotFound;
        }

        if (Check(request, source) is { } invalid)
        {
            return invalid;
        }

        try
        {
            var targets = TargetsOf(request, source);
            var plan = await PlanDrainAsync(source, targets, request, cancellationToken);
            if (!request.Apply)
            {
                return plan;
            }

            if (!plan.Fits)
            {
                return Refusal.Conflict(
                    "no_room",
                    $"The volume holds {plan.Bytes} bytes, and the other writable volumes do not have room for them. "
                    + "Add a volume or raise highWaterPercent.");
            }

            var modeBefore = source.IsWritable ? VolumeMode.Writable : VolumeMode.ReadOnly;
            return WithTask(plan, await tasks.StartAsync(
                DrainKind.Word, source.Id.ToString(), new DrainParameters(request.Targets, request.HighWaterPercent, modeBefore),
                caller.Name,
                TaskRate.Of(request.MaxBytesPerSecond), cancellationToken,
                first: () => catalog.UpdateAsync(Caller.Server, source.Id, new UpdateVolume(VolumeMode.ReadOnly), cancellationToken)));
        }
        catch (BlobStoreException error)
        {
            return Offline(error);
        }
    }

    /// <summary>Moves files from fuller volumes to emptier ones. If the volumes are already balanced, no task is started.</summary>
    public async Task<Outcome<MovePlan>> RebalanceAsync(Caller caller, MoveRequest request, CancellationToken cancellationToken)
    {
        if ((caller.Lacks(Rights) ?? Check(request, source: null)) is { } refusal)
        {
            return refusal;
        }

        try
        {
            var plan = await PlanRebalanceAsync(TargetsOf(request, source: null), request, cancellationToken);
            return !request.Apply || plan.Bytes == 0 ? plan : WithTask(plan, await tasks.StartAsync(
                RebalanceKind.Word, "", new RebalanceParameters(request.Targets, request.HighWaterPercent), caller.Name,
                TaskRate.Of(request.MaxBytesPerSecond), cancellationToken));
        }
        catch (BlobStoreException error)
        {
            return Offline(error);
        }
    }

    private static Outcome<MovePlan> WithTask(MovePlan plan, Outcome<TaskInfo> start) =>
        start.TryGet(out var task, out var refusal) ? plan with { Task = task } : refusal;

    private static Refusal Offline(BlobStoreException error) =>
        Refusal.Conflict(StoreFaults.CodeOf(error), $"{error.Message} A move can be planned when that has been put right.");

    private Refusal? Check(MoveRequest request, Volume? source)
    {
        if (request.HighWaterPercent is not (>= 1 and <= 100))
        {
            return Refusal.Invalid("high_water_invalid", "highWaterPercent must be from 1 to 100.");
        }

        var wrong = request.Targets?.Where(id => id == source?.Id || volumes.Find(id) is null).Select(id => (Guid?)id).FirstOrDefault();
        return wrong is null
            ? TaskRate.Check(request.MaxBytesPerSecond)
            : Refusal.Invalid("target_invalid", $"{wrong} is not the id of another volume.");
    }

    private MoveTargets TargetsOf(MoveRequest request, Volume? source) => new(
        volumes, [.. volumes.All.Where(volume => volume != source && volume.IsWritable && request.Targets?.Contains(volume.Id) != false)],
        request.HighWaterPercent);

    // Walks the folders of the volume.
    private async Task<MovePlan> PlanDrainAsync(
        Volume source, MoveTargets targets, MoveRequest request, CancellationToken cancellationToken)
    {
        var (files, bytes) = await Task.Run(() => Measure(source, cancellationToken), cancellationToken);
        var room = targets.Volumes.ToDictionary(volume => volume, targets.RoomOn);
        var total = room.Values.Sum();
        var moves = new Dictionary<Volume, long> { [source] = -bytes };
        foreach (var (volume, free) in room)
        {
            moves[volume] = total == 0 ? 0 : (long)((double)bytes * free / total);
        }

        return new MovePlan(
            files, bytes, bytes <= total, await EstimateAsync(bytes, request, cancellationToken), [.. moves.Select(Describe)]);
    }

    private async Task<MovePlan> PlanRebalanceAsync(MoveTargets targets, MoveRequest request, CancellationToken cancellationToken)
    {
        var moves = RebalanceKind.Surpluses(targets.Volumes);
        var bytes = moves.Values.Where(surplus => surplus > 0).Sum();
        return new MovePlan(
            Files: null, bytes, Fits: true, await EstimateAsync(bytes, request, cancellationToken),
            [.. moves.Select(move => Describe(new(move.Key, -move.Value)))]);
    }

    private static (long Files, long Bytes) Measure(Volume source, CancellationToken cancellationToken)
    {
        long files = 0, bytes = 0;
        foreach (var file in source.Files(unreadable: _ => { })) // the drain names what cannot be read
        {
            cancellationToken.ThrowIfCancellationRequested();
            files++;
            bytes += file.Length;
        }

        foreach (var held in new VolumeTrash(source).Files(unreadable: _ => { }))
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
        return new MovePlanVolume(
            move.Key.Id, move.Key.Path, move.Value, Percent(total - free, total), Percent(total - free + move.Value, total));
    }

    private static double Percent(long used, long total) => total == 0 ? 0 : Math.Round(Math.Clamp(used * 100.0 / total, 0, 100), 1);

    private async Task<long?> EstimateAsync(long bytes, MoveRequest request, CancellationToken cancellationToken) =>
        (TaskRate.Of(request.MaxBytesPerSecond) ?? await LastRateAsync(cancellationToken)) is > 0 and var rate
            ? (bytes + rate - 1) / rate
            : null;

    private async Task<long?> LastRateAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var last = await database.Set<TaskRecord>().AsNoTracking()
            .Where(task => task.Kind == DrainKind.Word || task.Kind == RebalanceKind.Word)
            .Where(task => task.State == TaskState.Done && task.BytesDone > 0)
            .OrderByDescending(task => task.CreatedAt).FirstOrDefaultAsync(cancellationToken);
        return last is { EndedAt: { } end } ? (long)(last.BytesDone / Math.Max(1, (end - last.CreatedAt).TotalSeconds)) : null;
    }
}
