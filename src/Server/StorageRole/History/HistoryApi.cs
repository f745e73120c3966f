using System.Security.Claims;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Halley.Server.StorageRole.Buckets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.History;

/// <summary><c>/api/v2/buckets/{id}/history</c>.</summary>
internal static class HistoryApi
{
    public static void MapHistory(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Routes.BucketHistoryWork, ReadAsync).WithTags("Buckets").RequireAuthorization(Policies.Administrator);

    private static async Task<Results<Ok<Page<BucketDayInfo>>, ProblemHttpResult>> ReadAsync(
        string bucketId, DateOnly? from, DateOnly? to, ClaimsPrincipal caller, BucketHistoryWork history, CancellationToken cancellationToken) =>
        await history.ReadAsync(bucketId, TenantScope.OfCaller(caller), from, to, cancellationToken) is { } days
            ? TypedResults.Ok(new Page<BucketDayInfo>([.. days.Select(day => day.ToWire())], Next: null))
            : Problems.NotFound(BucketChange<BucketInfo>.NotFound.Refusal!.Code, BucketChange<BucketInfo>.NotFound.Refusal!.Reason);
}
