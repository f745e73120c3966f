using System.Security.Claims;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary><c>/api/v2/bandwidth-limits</c>, for those who may also change quotas.</summary>
internal static class BandwidthLimitsApi
{
    public static void MapBandwidthLimits(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Bandwidth limits").RequireAuthorization(Policies.AdministratorWho(BucketsApi.MayProtect));
        group.MapGet(Routes.BandwidthLimits, ListAsync);
        group.MapPost(Routes.BandwidthLimits, AddAsync);
        group.MapGet(Routes.BandwidthLimit, GetAsync);
        group.MapPut(Routes.BandwidthLimit, ReplaceAsync);
        group.MapDelete(Routes.BandwidthLimit, RemoveAsync);
    }

    private static async Task<Results<Ok<Page<BandwidthLimitInfo>>, ProblemHttpResult>> ListAsync(
        BandwidthLimitList limits, TimeProvider time, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } wrong)
        {
            return wrong;
        }

        var all = (await limits.ListAsync(cancellationToken)).OrderBy(one => one.Id.ToString(), StringComparer.Ordinal)
            .Where(one => string.CompareOrdinal(one.Id.ToString(), after) > 0);
        return TypedResults.Ok(Paging.Page(all, count, one => one.ToWire(time.GetUtcNow().UtcDateTime), one => one.Id.ToString()));
    }

    private static async Task<Results<Created<BandwidthLimitInfo>, ProblemHttpResult>> AddAsync(
        SetBandwidthLimit request, ClaimsPrincipal caller, BandwidthLimitList limits, TimeProvider time, CancellationToken cancellationToken)
    {
        var change = await limits.AddAsync(request, caller.Identity?.Name ?? "", cancellationToken);
        return change.Limit is { } added
            ? TypedResults.Created($"{Routes.BandwidthLimits}/{added.Id}", added.ToWire(time.GetUtcNow().UtcDateTime))
            : Refuse(change);
    }

    private static async Task<Results<Ok<BandwidthLimitInfo>, ProblemHttpResult>> GetAsync(
        Guid limitId, BandwidthLimitList limits, TimeProvider time, CancellationToken cancellationToken) =>
        (await limits.ListAsync(cancellationToken)).FirstOrDefault(one => one.Id == limitId) is { } found
            ? TypedResults.Ok(found.ToWire(time.GetUtcNow().UtcDateTime))
            : Refuse(LimitChange.NotFound);

    private static async Task<Results<Ok<BandwidthLimitInfo>, ProblemHttpResult>> ReplaceAsync(
        Guid limitId, SetBandwidthLimit request, ClaimsPrincipal caller, BandwidthLimitList limits, TimeProvider time, CancellationToken cancellationToken)
    {
        var change = await limits.ReplaceAsync(limitId, request, caller.Identity?.Name ?? "", cancellationToken);
        return change.Limit is { } changed ? TypedResults.Ok(changed.ToWire(time.GetUtcNow().UtcDateTime)) : Refuse(change);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        Guid limitId, ClaimsPrincipal caller, BandwidthLimitList limits, CancellationToken cancellationToken) =>
        await limits.RemoveAsync(limitId, caller.Identity?.Name ?? "", cancellationToken) ? TypedResults.NoContent() : Refuse(LimitChange.NotFound);

    private static ProblemHttpResult Refuse(LimitChange change) => change switch
    {
        { IsMissing: true } => Problems.NotFound(change.Code!, change.Reason!),
        { IsConflict: true } => Problems.Conflict(change.Code!, change.Reason!),
        _ => Problems.BadRequest(change.Code!, change.Reason!),
    };
}
