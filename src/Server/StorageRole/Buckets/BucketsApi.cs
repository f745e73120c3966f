using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.Buckets;

/// <summary><c>/api/v2/buckets</c>, with the keys and the history of each.</summary>
internal static class BucketsApi
{
    public static void MapBuckets(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Buckets").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.Buckets, ListAsync);
        group.MapPost(Routes.Buckets, CreateAsync);
        group.MapGet(Routes.Bucket, GetAsync);
        group.MapPatch(Routes.Bucket, UpdateAsync);
        group.MapDelete(Routes.Bucket, DeleteAsync);
        endpoints.MapPost(Routes.BucketUnfreeze, UnfreezeAsync).WithTags("Buckets")
            .RequireAuthorization(Policies.AdministratorWho(BucketRefusals.FullAdministrator));
        group.MapGet(Routes.BucketKeys, ListKeysAsync);
        group.MapPost(Routes.BucketKeys, AddKeyAsync);
        group.MapDelete(Routes.BucketKey, RevokeKeyAsync);
        group.MapGet(Routes.BucketHistory, ReadHistoryAsync);
    }

    private static async Task<Results<Ok<Page<BucketInfo>>, ProblemHttpResult>> ListAsync(
        Caller caller, BucketActions buckets, string? after, int? limit, CancellationToken cancellationToken) =>
        Paging.Of(limit, out var count) is { } wrong
            ? wrong
            : TypedResults.Ok(await buckets.ListAsync(caller, after, count, cancellationToken));

    private static async Task<Results<Created<BucketCreated>, ProblemHttpResult>> CreateAsync(
        CreateBucket request, Caller caller, BucketActions buckets, CancellationToken cancellationToken) =>
        (await buckets.CreateAsync(caller, request, cancellationToken)).ToCreated(created => Routes.ToBucket(created.Bucket.Id));

    private static async Task<Results<Ok<BucketInfo>, ProblemHttpResult>> GetAsync(
        string bucketId, Caller caller, BucketActions buckets, CancellationToken cancellationToken) =>
        (await buckets.FindAsync(caller, bucketId, cancellationToken)).ToOk();

    private static async Task<Results<Ok<BucketInfo>, ProblemHttpResult>> UpdateAsync(
        string bucketId, UpdateBucket changes, Caller caller, BucketActions buckets, CancellationToken cancellationToken) =>
        (await buckets.UpdateAsync(caller, bucketId, changes, cancellationToken)).ToOk();

    private static async Task<Results<NoContent, ProblemHttpResult>> UnfreezeAsync(
        string bucketId, Caller caller, BucketActions buckets, CancellationToken cancellationToken) =>
        (await buckets.UnfreezeAsync(caller, bucketId, cancellationToken)).ToNoContent();

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string bucketId, Caller caller, BucketActions buckets, CancellationToken cancellationToken) =>
        (await buckets.DeleteAsync(caller, bucketId, cancellationToken)).ToNoContent();

    private static async Task<Results<Ok<Page<BucketKeyInfo>>, ProblemHttpResult>> ListKeysAsync(
        string bucketId, Caller caller, BucketKeyActions keys, CancellationToken cancellationToken) =>
        (await keys.ListAsync(caller, bucketId, cancellationToken)).ToOk();

    private static async Task<Results<Created<BucketKeyCreated>, ProblemHttpResult>> AddKeyAsync(
        string bucketId, CreateBucketKey request, Caller caller, BucketKeyActions keys, CancellationToken cancellationToken) =>
        (await keys.AddAsync(caller, bucketId, request, cancellationToken))
            .ToCreated(created => Routes.ToBucketKey(bucketId, created.Key.Id));

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeKeyAsync(
        string bucketId, Guid keyId, Caller caller, BucketKeyActions keys, CancellationToken cancellationToken) =>
        (await keys.RevokeAsync(caller, bucketId, keyId, cancellationToken)).ToNoContent();

    private static async Task<Results<Ok<Page<BucketDayInfo>>, ProblemHttpResult>> ReadHistoryAsync(
        string bucketId, DateOnly? from, DateOnly? to, Caller caller, BucketActions buckets, CancellationToken cancellationToken) =>
        (await buckets.ReadHistoryAsync(caller, bucketId, from, to, cancellationToken)).ToOk();
}
