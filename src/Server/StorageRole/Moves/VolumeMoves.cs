using Halley.Protocol;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Moves;

/// <summary>Plans moves between volumes and starts them.</summary>
internal sealed class VolumeMoves(VolumeSet volumes, VolumeCatalog catalog, MovePlanning planning, TaskRunner tasks)
{
    public async Task<MoveStart> DrainAsync(Volume source, MoveWish wish, string actor, CancellationToken cancellation)
    {
        var targets = new MoveTargets(
            volumes, [.. volumes.All.Where(volume => volume != source && volume.IsWritable && (wish.Targets is null || wish.Targets.Contains(volume.Id)))],
            wish.HighWaterPercent);
        var plan = await planning.PlanDrainAsync(source, targets, LimitOf(wish), cancellation);
        if (!wish.Apply)
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
            DrainKind.Word, source.Id.ToString(), new DrainParameters(wish.Targets, wish.HighWaterPercent, modeBefore), actor, LimitOf(wish), cancellation,
            first: () => catalog.SetModeAsync(source.Id, VolumeMode.ReadOnly, cancellation));
        return MoveStart.Of(plan, start);
    }

    public async Task<MoveStart> RebalanceAsync(MoveWish wish, string actor, CancellationToken cancellation)
    {
        var among = new MoveTargets(
            volumes, [.. volumes.All.Where(volume => volume.IsWritable && (wish.Targets is null || wish.Targets.Contains(volume.Id)))], wish.HighWaterPercent);
        var plan = await planning.PlanRebalanceAsync(among, LimitOf(wish), cancellation);
        return !wish.Apply || plan.Bytes == 0
            ? new MoveStart(plan, null, null)
            : MoveStart.Of(plan, await tasks.StartAsync(
                RebalanceKind.Word, "", new RebalanceParameters(wish.Targets, wish.HighWaterPercent), actor, LimitOf(wish), cancellation));
    }

    private static long? LimitOf(MoveWish wish) => wish.MaxBytesPerSecond is > 0 ? wish.MaxBytesPerSecond : null;
}

/// <summary>A plan, with its task when that was started, or why not.</summary>
internal sealed record MoveStart(MovePlan? Plan, string? Code, string? Reason)
{
    public static MoveStart Of(MovePlan plan, TaskChange start) =>
        start.Task is { } task ? new(plan with { Task = task }, null, null) : Refused(start.Code!, start.Reason!);

    public static MoveStart Refused(string code, string reason) => new(null, code, reason);
}
