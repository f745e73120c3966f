using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.Vault;

/// <summary>
/// <c>/api/v2/buckets/{bucket}/own-key</c>: the holder of a key replaces it. Authenticated like the vault itself, by HTTP Basic with that
/// key.
/// </summary>
internal static class OwnKeyApi
{
    public static void MapOwnKeys(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Buckets").AllowAnonymous(); // VaultAccess checks the key of the bucket
        group.MapPost(Routes.BucketOwnKey, SucceedAsync);
        group.MapPost(Routes.BucketOwnKeyRetirement, RetireAsync);
    }

    private static async Task<Results<Ok<BucketKeyInfo>, ProblemHttpResult>> SucceedAsync(
        string bucketId, SucceedBucketKey request, VaultAccess access, BucketKeyActions keys, HttpContext context,
        CancellationToken cancellationToken)
    {
        var visitor = await access.IdentifyAsync(context, bucketId);
        return visitor is { Bucket: { } bucket, Key: { } key }
            ? bucket.MovedTo is null ? (await keys.SucceedAsync(bucket, key, request, cancellationToken)).ToOk() : Moved(bucket.MovedTo)
            : visitor.Refuse(context);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RetireAsync(
        string bucketId, RetireBucketKey request, VaultAccess access, BucketKeyActions keys, HttpContext context,
        CancellationToken cancellationToken)
    {
        var visitor = await access.IdentifyAsync(context, bucketId);
        return visitor is { Bucket: { } bucket, Key: { } key }
            ? bucket.MovedTo is null ? (await keys.RetireAsync(bucket, key, request.Days, cancellationToken)).ToNoContent()
                : Moved(bucket.MovedTo)
            : visitor.Refuse(context);
    }

    private static ProblemHttpResult Moved(string address) =>
        Problems.Conflict("bucket_moved", $"This bucket has moved to {address}. Change its keys there.");
}
