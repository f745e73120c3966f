using System.Security.Claims;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.Tasks;
using Halley.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.Trash;

/// <summary><c>/api/v2/buckets/{id}/trash</c>. Nothing here makes a hold shorter.</summary>
internal static class TrashApi
{
    private const int MostNames = 10_000;

    public static void MapTrash(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Buckets").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.BucketTrash, ListAsync);
        group.MapPost(Routes.BucketTrashRestore, RestoreAsync);
        var whole = endpoints.MapGroup("").WithTags("Buckets").RequireAuthorization(Policies.AdministratorWho(BucketsApi.MayProtect));
        whole.MapGet(Routes.DeletedBuckets, ListBucketsAsync);
        whole.MapPost(Routes.BucketRestore, RestoreBucketAsync);
    }

    /// <summary>A name as it stands in URLs; null when it is none.</summary>
    public static BlobName? Parse(string? name) =>
        name == BlobName.Config.ToString() ? BlobName.Config
        : name?.Split('/') is [var folder, var id] && BlobName.IsId(id) && BlobName.TryParseCollection(folder, out var type) ? BlobName.Of(type.Value, id)
        : null;

    private static async Task<Results<Ok<Page<TrashedFile>>, ProblemHttpResult>> ListAsync(
        string bucketId, ClaimsPrincipal caller, TrashList trash, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } wrong)
        {
            return wrong;
        }

        if (trash.Find(bucketId, TenantScope.OfCaller(caller)) is not { } bucket)
        {
            return NotFound();
        }

        try
        {
            return TypedResults.Ok(Paging.Page(await trash.ReadAsync(bucket, after, count + 1, cancellationToken), count, file => file, file => file.Key));
        }
        catch (BlobStoreException failure)
        {
            return Unavailable(failure);
        }
    }

    private static async Task<Results<Ok<TrashRestored>, Accepted<TrashRestored>, ProblemHttpResult>> RestoreAsync(
        string bucketId, RestoreTrash request, ClaimsPrincipal caller, TrashList trash, TrashRestoring restoring, CancellationToken cancellationToken)
    {
        if (request.Names is null == request.DeletedSince is null)
        {
            return Problems.BadRequest("restore_unclear", "Give either the names of files or the time since which they were deleted.");
        }

        var names = request.Names?.Select(Parse).ToList();
        if (names is { Count: > MostNames } || names?.Contains(null) == true)
        {
            return Problems.BadRequest("name_invalid", $"Give at most {MostNames} names as the list of the trash has them, such as data/ and 64 hex digits.");
        }

        if (trash.Find(bucketId, TenantScope.OfCaller(caller)) is not { } bucket)
        {
            return NotFound();
        }

        try
        {
            var restored = await restoring.RestoreAsync(
                bucket, names?.ConvertAll(name => name!.Value), request.DeletedSince?.ToUniversalTime() ?? default, caller.Identity?.Name ?? "", cancellationToken);
            return restored.Task is { } task ? TypedResults.Accepted($"{Routes.Tasks}/{task.Id}", restored) : TypedResults.Ok(restored);
        }
        catch (TaskFailedException failure)
        {
            return Problems.Conflict("task_unfinished", failure.Message);
        }
        catch (BlobStoreException failure)
        {
            return Unavailable(failure);
        }
    }

    private static async Task<Results<Ok<Page<DeletedBucket>>, ProblemHttpResult>> ListBucketsAsync(
        BucketRestoring restoring, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } wrong)
        {
            return wrong;
        }

        try
        {
            var held = (await restoring.ListAsync(cancellationToken)).Where(bucket => string.CompareOrdinal(bucket.Id, after) > 0);
            return TypedResults.Ok(Paging.Page(held, count, bucket => bucket, bucket => bucket.Id));
        }
        catch (BlobStoreException failure)
        {
            return Unavailable(failure);
        }
    }

    private static async Task<Results<Created<BucketCreated>, ProblemHttpResult>> RestoreBucketAsync(
        string bucketId, RestoreBucket request, ClaimsPrincipal caller, BucketRestoring restoring, CancellationToken cancellationToken)
    {
        try
        {
            var change = await restoring.RestoreAsync(bucketId, request, caller.Identity?.Name ?? "", cancellationToken);
            return change.Value is { } restored ? TypedResults.Created($"{Routes.Buckets}/{bucketId}", restored) : BucketsApi.Refuse(change.Refusal!);
        }
        catch (BlobStoreException failure)
        {
            return Unavailable(failure);
        }
    }

    private static ProblemHttpResult NotFound() =>
        Problems.NotFound(BucketChange<BucketInfo>.NotFound.Refusal!.Code, BucketChange<BucketInfo>.NotFound.Refusal!.Reason);

    private static ProblemHttpResult Unavailable(BlobStoreException failure) => failure.Fault == BlobStoreFault.Offline
        ? Problems.Problem(StatusCodes.Status503ServiceUnavailable, "volume_offline", $"{failure.Message} Try again when it is back.")
        : Problems.Problem(StatusCodes.Status503ServiceUnavailable, "disk_error", $"{failure.Message} Nothing is lost; the server's log has the details.");
}
