using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.StorageRole.Buckets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.Transfers;

/// <summary><c>/api/v2/buckets/{id}/transfer</c>.</summary>
internal static class TransfersApi
{
    public static void MapTransfers(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost(Routes.BucketTransfer, StartAsync).WithTags("Buckets")
        .RequireAuthorization(Policies.AdministratorWho(BucketRefusals.FullAdministrator));

    private static async Task<Results<Accepted<TaskInfo>, ProblemHttpResult>> StartAsync(
        string bucketId, StartTransfer request, Caller caller, TransferActions transfers, CancellationToken cancellationToken) =>
        (await transfers.StartAsync(caller, bucketId, request, cancellationToken)).ToAccepted(task => Routes.ToTask(task.Id));
}
