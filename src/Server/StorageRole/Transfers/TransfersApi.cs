using System.Security.Claims;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.Transfers;

/// <summary><c>/api/v2/buckets/{id}/transfer</c>.</summary>
internal static class TransfersApi
{
    public static void MapTransfers(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost(Routes.BucketTransfer, StartAsync).WithTags("Buckets").RequireAuthorization(Policies.AdministratorWho(BucketsApi.MayProtect));

    private static async Task<Results<Accepted<TaskInfo>, ProblemHttpResult>> StartAsync(
        string bucketId, StartTransfer request, ClaimsPrincipal caller, BucketTransfers transfers, HttpContext context, CancellationToken cancellationToken)
    {
        var own = $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}/";
        var start = await transfers.StartAsync(bucketId, request, own, caller.Identity?.Name ?? "", cancellationToken);
        return start switch
        {
            { Value: { } task } => TypedResults.Accepted($"{Routes.Tasks}/{task.Id}", task),
            { Refusal: { IsMissing: true } missing } => Problems.NotFound(missing.Code, missing.Reason),
            { Refusal: { IsConflict: true } conflict } => Problems.Conflict(conflict.Code, conflict.Reason),
            _ => Problems.BadRequest(start.Refusal!.Code, start.Refusal.Reason),
        };
    }
}
