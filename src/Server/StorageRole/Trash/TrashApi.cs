using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.Trash;

/// <summary><c>/api/v2/buckets/{id}/trash</c>, <c>/api/v2/deleted-buckets</c> and <c>/api/v2/buckets/{id}/restore</c>.</summary>
internal static class TrashApi
{
    public static void MapTrash(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Buckets").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.BucketTrash, ListAsync);
        group.MapPost(Routes.BucketTrashRestore, RestoreAsync);
        var whole = endpoints.MapGroup("").WithTags("Buckets")
            .RequireAuthorization(Policies.AdministratorWho(BucketRefusals.FullAdministrator));
        whole.MapGet(Routes.DeletedBuckets, ListBucketsAsync);
        whole.MapPost(Routes.BucketRestore, RestoreBucketAsync);
    }

    private static async Task<Results<Ok<Page<TrashedFile>>, ProblemHttpResult>> ListAsync(
        string bucketId, Caller caller, TrashActions trash, string? after, int? limit, CancellationToken cancellationToken) =>
        Paging.Of(limit, out var count) is { } wrong
            ? wrong
            : (await trash.ListAsync(caller, bucketId, after, count, cancellationToken)).ToOk();

    private static async Task<Results<Ok<TrashRestored>, Accepted<TrashRestored>, ProblemHttpResult>> RestoreAsync(
        string bucketId, RestoreTrash request, Caller caller, TrashActions trash, CancellationToken cancellationToken)
    {
        var outcome = await trash.RestoreAsync(caller, bucketId, request, cancellationToken);
        return !outcome.TryGet(out var restored, out var refusal) ? refusal.ToProblem()
            : restored.Task is { } task ? TypedResults.Accepted(Routes.ToTask(task.Id), restored)
            : TypedResults.Ok(restored);
    }

    private static async Task<Results<Ok<Page<DeletedBucket>>, ProblemHttpResult>> ListBucketsAsync(
        Caller caller, DeletedBucketActions buckets, string? after, int? limit, CancellationToken cancellationToken) =>
        Paging.Of(limit, out var count) is { } wrong ? wrong : (await buckets.ListAsync(caller, after, count, cancellationToken)).ToOk();

    private static async Task<Results<Created<BucketCreated>, ProblemHttpResult>> RestoreBucketAsync(
        string bucketId, RestoreBucket request, Caller caller, DeletedBucketActions buckets, CancellationToken cancellationToken) =>
        (await buckets.RestoreAsync(caller, bucketId, request, cancellationToken)).ToCreated(_ => Routes.ToBucket(bucketId));
}
