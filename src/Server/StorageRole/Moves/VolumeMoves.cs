using Halley.Protocol;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Moves;

/// <summary>Plans moves between volumes and starts them.</summary>
internal sealed class VolumeMoves(VolumeSet volumes, VolumeCatalog catalog, MovePlanning planning, TaskRunner tasks)
{
    public async Task<MoveStart> DrainAsync(Volume source, MoveRequest request, string actor, CancellationToken cancellationToken)
    {
        var targets = new MoveTargets(
            volumes, [.. volumes.All.Where(volume => volume != source && volume.IsWritable && (request.Targets is null || request.Targets.Contains(volume.Id)))],
            request.HighWaterPercent);
        var plan = await planning.PlanDrainAsync(source, targets, LimitOf(request), cancellationToken);
        if (!request.Apply)
        {
            return new MoveStart(plan, null, null);
        }

        if (!plan.Fits)
        {
            return MoveStart.Refused(
                "no_room", $"The volume holds {plan.Bytes} bytes, more than the other writable volumes have room for. Add a volume or raise highWaterPercent.");
        }

        var modeBefore = source.IsWritable ? VolumeMode.Writable : VolumeMode.ReadOnly;
        var start = await tasks.StartAsync(
            DrainKind.Word, source.Id.ToString(), new DrainParameters(request.Targets, request.HighWaterPercent, modeBefore), actor, LimitOf(request), cancellationToken,
            first: () => catalog.SetModeAsync(source.Id, VolumeMode.ReadOnly, cancellationToken));
        return MoveStart.Of(plan, start);
    }

    public async Task<MoveStart> RebalanceAsync(MoveRequest request, string actor, CancellationToken cancellationToken)
    {
        var among = new MoveTargets(
            volumes, [.. volumes.All.Where(volume => volume.IsWritable && (request.Targets is null || request.Targets.Contains(volume.Id)))], request.HighWaterPercent);
        var plan = await planning.PlanRebalanceAsync(among, LimitOf(request), cancellationToken);
        return !request.Apply || plan.Bytes == 0
            ? new MoveStart(plan, null, null)
            : MoveStart.Of(plan, await tasks.StartAsync(
                RebalanceKind.Word, "", new RebalanceParameters(request.Targets, request.HighWaterPercent), actor, LimitOf(request), cancellationToken));
    }

    private static long? LimitOf(MoveRequest request) => request.MaxBytesPerSecond is > 0 ? request.MaxBytesPerSecond : null;
}

/// <summary>A plan, with its task when that was started, or why not.</summary>
internal sealed record MoveStart(MovePlan? Plan, string? Code, string? Reason)
{
    public static MoveStart Of(MovePlan plan, TaskChange start) =>
        start.Task is { } task ? new(plan with { Task = task }, null, null) : Refused(start.Code!, start.Reason!);

    public static MoveStart Refused(string code, string reason) => new(null, code, reason);
}
