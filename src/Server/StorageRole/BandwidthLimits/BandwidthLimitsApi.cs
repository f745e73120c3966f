using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary><c>/api/v2/bandwidth-limits</c>.</summary>
internal static class BandwidthLimitsApi
{
    public static void MapBandwidthLimits(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Bandwidth limits")
            .RequireAuthorization(Policies.AdministratorWho(BucketRefusals.FullAdministrator));
        group.MapGet(Routes.BandwidthLimits, ListAsync);
        group.MapPost(Routes.BandwidthLimits, AddAsync);
        group.MapGet(Routes.BandwidthLimit, GetAsync);
        group.MapPut(Routes.BandwidthLimit, ReplaceAsync);
        group.MapDelete(Routes.BandwidthLimit, RemoveAsync);
    }

    private static async Task<Results<Ok<Page<BandwidthLimitInfo>>, ProblemHttpResult>> ListAsync(
        Caller caller, BandwidthLimitActions limits, string? after, int? limit, CancellationToken cancellationToken) =>
        Paging.Of(limit, out var count) is { } wrong ? wrong : (await limits.ListAsync(caller, after, count, cancellationToken)).ToOk();

    private static async Task<Results<Created<BandwidthLimitInfo>, ProblemHttpResult>> AddAsync(
        SetBandwidthLimit request, Caller caller, BandwidthLimitActions limits, CancellationToken cancellationToken) =>
        (await limits.AddAsync(caller, request, cancellationToken)).ToCreated(limit => Routes.ToBandwidthLimit(limit.Id));

    private static async Task<Results<Ok<BandwidthLimitInfo>, ProblemHttpResult>> GetAsync(
        Guid limitId, Caller caller, BandwidthLimitActions limits, CancellationToken cancellationToken) =>
        (await limits.FindAsync(caller, limitId, cancellationToken)).ToOk();

    private static async Task<Results<Ok<BandwidthLimitInfo>, ProblemHttpResult>> ReplaceAsync(
        Guid limitId, SetBandwidthLimit request, Caller caller, BandwidthLimitActions limits, CancellationToken cancellationToken) =>
        (await limits.ReplaceAsync(caller, limitId, request, cancellationToken)).ToOk();

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        Guid limitId, Caller caller, BandwidthLimitActions limits, CancellationToken cancellationToken) =>
        (await limits.RemoveAsync(caller, limitId, cancellationToken)).ToNoContent();
}
