using System.Security.Claims;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;
using Halley.Storage;
using Halley.Storage.Spanning;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.Moves;

/// <summary><c>/api/v2/volumes/{id}/drain</c> and <c>/api/v2/volumes/rebalance</c>.</summary>
internal static class MovesApi
{
    public static void MapMoves(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Volumes").RequireAuthorization(Policies.AdministratorWho(Requires.TopLevel));
        group.MapPost(Routes.VolumeDrain, DrainAsync);
        group.MapPost(Routes.VolumesRebalance, RebalanceAsync);
    }

    private static async Task<Results<Ok<MovePlan>, Accepted<MovePlan>, ProblemHttpResult>> DrainAsync(
        Guid volumeId, MoveRequest request, ClaimsPrincipal caller, VolumeSet volumes, VolumeMoves moves, CancellationToken cancellationToken)
    {
        if (volumes.Find(volumeId) is not { } source)
        {
            return Problems.NotFound(VolumeChange.NotFound.Code!, VolumeChange.NotFound.Reason!);
        }

        return CheckWish(request, volumes, source) ?? Answer(await TryAsync(() => moves.DrainAsync(source, request, caller.Identity?.Name ?? "", cancellationToken)));
    }

    private static async Task<Results<Ok<MovePlan>, Accepted<MovePlan>, ProblemHttpResult>> RebalanceAsync(
        MoveRequest request, ClaimsPrincipal caller, VolumeSet volumes, VolumeMoves moves, CancellationToken cancellationToken) =>
        CheckWish(request, volumes, null) ?? Answer(await TryAsync(() => moves.RebalanceAsync(request, caller.Identity?.Name ?? "", cancellationToken)));

    private static Results<Ok<MovePlan>, Accepted<MovePlan>, ProblemHttpResult> Answer(MoveStart start) => start switch
    {
        { Plan: { Task: { } task } plan } => TypedResults.Accepted($"{Routes.Tasks}/{task.Id}", plan),
        { Plan: { } plan } => TypedResults.Ok(plan),
        _ => Problems.Conflict(start.Code!, start.Reason!),
    };

    private static ProblemHttpResult? CheckWish(MoveRequest request, VolumeSet volumes, Volume? source)
    {
        if (request.HighWaterPercent is not (>= 1 and <= 100))
        {
            return Problems.BadRequest("high_water_invalid", "highWaterPercent must be from 1 to 100.");
        }

        if (request.MaxBytesPerSecond < 0)
        {
            return Problems.BadRequest("rate_invalid", "maxBytesPerSecond must be a number of bytes, 1 or more, or 0 for no limit.");
        }

        return request.Targets?.FirstOrDefault(id => id == source?.Id || volumes.Find(id) is null) is { } wrong && wrong != Guid.Empty
            ? Problems.BadRequest("target_invalid", $"{wrong} is not the id of another volume.")
            : null;
    }

    private static async Task<MoveStart> TryAsync(Func<Task<MoveStart>> start)
    {
        try
        {
            return await start();
        }
        catch (BlobStoreException error)
        {
            return MoveStart.Refused("volume_offline", $"{error.Message} Nothing can be planned before it is back.");
        }
    }
}
