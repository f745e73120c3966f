using Halley.Protocol;
using Halley.Server.Access;
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
        Guid volumeId, MoveRequest request, Caller caller, MoveActions moves, CancellationToken cancellationToken) =>
        Answer(await moves.DrainAsync(caller, volumeId, request, cancellationToken));

    private static async Task<Results<Ok<MovePlan>, Accepted<MovePlan>, ProblemHttpResult>> RebalanceAsync(
        MoveRequest request, Caller caller, MoveActions moves, CancellationToken cancellationToken) =>
        Answer(await moves.RebalanceAsync(caller, request, cancellationToken));

    private static Results<Ok<MovePlan>, Accepted<MovePlan>, ProblemHttpResult> Answer(Outcome<MovePlan> outcome) =>
        !outcome.TryGet(out var plan, out var refusal) ? refusal.ToProblem()
        : plan.Task is { } task ? TypedResults.Accepted(Routes.ToTask(task.Id), plan)
        : TypedResults.Ok(plan);
}
