using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.StorageRole.Scrubs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.Vault;

/// <summary>
/// <c>/api/v2/buckets/{bucket}/lost-files</c> and <c>/reread</c>: the holder of a key learns what the bucket has lost, says what is stored
/// again, and has files read again. Authenticated like the vault itself, by HTTP Basic with that key.
/// </summary>
internal static class LostFilesApi
{
    public static void MapLostFiles(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Buckets").AllowAnonymous(); // VaultAccess checks the key of the bucket
        group.MapGet(Routes.BucketLostFiles, ListAsync);
        group.MapPost(Routes.BucketLostFiles, ReportHealedAsync);
        group.MapPost(Routes.BucketReread, RereadAsync);
    }

    private static async Task<Results<Ok<LostFiles>, ProblemHttpResult>> ListAsync(
        string bucketId, VaultAccess access, ScrubActions scrubs, HttpContext context, CancellationToken cancellationToken)
    {
        var visitor = await access.IdentifyAsync(context, bucketId);
        return visitor.Bucket is { } bucket
            ? TypedResults.Ok(await scrubs.ListLostAsync(bucket, cancellationToken))
            : visitor.Refuse(context);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ReportHealedAsync(
        string bucketId, HealedFiles request, VaultAccess access, ScrubActions scrubs, HttpContext context,
        CancellationToken cancellationToken)
    {
        var visitor = await access.IdentifyAsync(context, bucketId);
        return visitor is { Bucket: { } bucket, Key: { } key }
            ? (await scrubs.ReportHealedAsync(bucket, key, request, cancellationToken)).ToNoContent()
            : visitor.Refuse(context);
    }

    private static async Task<Results<Ok<FilesVerified>, ProblemHttpResult>> RereadAsync(
        string bucketId, RereadFiles request, VaultAccess access, ScrubActions scrubs, HttpContext context,
        CancellationToken cancellationToken)
    {
        var visitor = await access.IdentifyAsync(context, bucketId);
        if (visitor.Bucket is not { } bucket)
        {
            return visitor.Refuse(context);
        }

        return (await scrubs.RereadAsync(bucket, request, cancellationToken)).TryGet(out var files, out var refusal)
            ? TypedResults.Ok(files)
            : refusal.ToProblem(context);
    }
}
