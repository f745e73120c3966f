using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.StorageRole.Scrubs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.Vault;

/// <summary>
/// <c>/api/v2/buckets/{bucket}/lost-files</c>: the holder of a key learns what the bucket has lost, and says what is stored again.
/// Authenticated like the vault itself, by HTTP Basic with that key.
/// </summary>
internal static class LostFilesApi
{
    public static void MapLostFiles(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Buckets").AllowAnonymous(); // VaultAccess checks the key of the bucket
        group.MapGet(Routes.BucketLostFiles, ListAsync);
        group.MapPost(Routes.BucketLostFiles, ReportHealedAsync);
    }

    private static async Task<Results<Ok<LostFiles>, ProblemHttpResult>> ListAsync(
        string bucketId, VaultAccess access, ScrubActions scrubs, HttpContext context, CancellationToken cancellationToken)
    {
        var visitor = await access.IdentifyAsync(context, bucketId);
        return visitor.Bucket is { } bucket
            ? TypedResults.Ok(await scrubs.ListLostAsync(bucket, cancellationToken))
            : OwnKeyApi.Refuse(visitor, context);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ReportHealedAsync(
        string bucketId, HealedFiles request, VaultAccess access, ScrubActions scrubs, HttpContext context,
        CancellationToken cancellationToken)
    {
        var visitor = await access.IdentifyAsync(context, bucketId);
        return visitor is { Bucket: { } bucket, Key: { } key }
            ? (await scrubs.ReportHealedAsync(bucket, key, request, cancellationToken)).ToNoContent()
            : OwnKeyApi.Refuse(visitor, context);
    }
}
