using Halley.Server.StorageRole.Buckets;
using Halley.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace Halley.Server.StorageRole.Vault;

/// <summary>POST of a file: 200 only when it is durable.</summary>
internal sealed class VaultUpload(StorageOptions options, TimeProvider time)
{
    public async Task RunAsync(HttpContext context, OpenBucket bucket, BlobName name)
    {
        var length = context.Request.ContentLength;
        if (length > options.MaxFileBytes)
        {
            await VaultAnswers.TooLargeAsync(context, options.MaxFileBytes);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = options.MaxFileBytes;
        }

        var result = await bucket.Store.PutAsync(name, context.Request.Body, length, context.RequestAborted);
        if (result.Outcome == PutOutcome.Stored)
        {
            bucket.Usage.Stored(result.Length, time.GetUtcNow().UtcDateTime);
        }

        await AnswerAsync(context, result.Outcome);
    }

    private static Task AnswerAsync(HttpContext context, PutOutcome outcome) => outcome switch
    {
        PutOutcome.Stored or PutOutcome.AlreadyPresent => VaultAnswers.OkAsync(context),
        PutOutcome.Conflict => VaultAnswers.ForbiddenAsync(context, "config_exists", "The vault has a config already, and it is never replaced."),
        PutOutcome.HashMismatch => VaultAnswers.RefuseAsync(
            context, 400, "hash_mismatch", "The body does not have the SHA-256 that its name says; it was damaged on its way or is empty."),
        PutOutcome.LengthMismatch => VaultAnswers.RefuseAsync(context, 400, "body_cut", "The body does not have the announced length."),
        _ => VaultAnswers.RefuseAsync(context, 507, "no_space", "No writable volume has room for the file. The administrator can add a volume."),
    };
}
