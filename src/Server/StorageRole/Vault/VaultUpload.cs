using Halley.Server.Hosting;
using Halley.Server.StorageRole.BandwidthLimits;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Quotas;
using Halley.Storage;

namespace Halley.Server.StorageRole.Vault;

/// <summary>POST of a file: 200 means that it is durable.</summary>
internal sealed class VaultUpload(StorageOptions options, QuotaGate quotas, LimitsInForce limits, TimeProvider time)
{
    public async Task RunAsync(HttpContext context, OpenBucket bucket, BlobName name)
    {
        var length = context.Request.ContentLength;
        if (length > options.MaxFileBytes)
        {
            await VaultAnswers.TooLargeAsync(context, options.MaxFileBytes);
            return;
        }

        using var room = name.Type == BlobType.Locks ? null : quotas.TryReserve(bucket, length ?? 0);
        if (room is null && name.Type != BlobType.Locks
            && (length is null || await bucket.Store.FindAsync(name, context.RequestAborted) != length))
        {
            await QuotaExceededAsync(context); // before the body is read; an existing file may be sent again
            return;
        }

        var body = length is null ? new LimitedBody(context.Request.Body, announced: null, options.MaxFileBytes) : context.Request.Body;
        if (length is null && room is not null)
        {
            body = new QuotaStream(body, room);
        }

        if (limits.Throttle(bucket.Id, context.Connection.RemoteIpAddress, isUpload: true) is { } throttle)
        {
            body = new ThrottledStream(body, throttle);
        }

        PutResult result;
        bucket.Usage.Coming(length ?? 0);
        try
        {
            result = await bucket.Store.PutAsync(name, body, length, context.RequestAborted);
            if (result.Outcome == PutOutcome.Stored)
            {
                bucket.Usage.Stored(result.Length, time.GetUtcNow().UtcDateTime);
            }
        }
        catch (QuotaExceededException)
        {
            await QuotaExceededAsync(context);
            return;
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await VaultAnswers.TooLargeAsync(context, options.MaxFileBytes);
            return;
        }
        finally
        {
            bucket.Usage.Came(length ?? 0);
        }

        if (result.Outcome is PutOutcome.Stored or PutOutcome.AlreadyPresent)
        {
            UnreadBody.Keep(context);
        }

        await AnswerAsync(context, result.Outcome);
    }

    // Locks are exempt: a client that cannot lock cannot delete anything either.
    private static Task QuotaExceededAsync(HttpContext context) => VaultAnswers.RefuseAsync(
        context, 507, "quota_exceeded",
        "The bucket or its organization has reached its quota. Delete what is not needed, or ask the administrator for more.");

    private static Task AnswerAsync(HttpContext context, PutOutcome outcome) => outcome switch
    {
        PutOutcome.Stored or PutOutcome.AlreadyPresent => VaultAnswers.OkAsync(context),
        PutOutcome.Conflict =>
            VaultAnswers.ForbiddenAsync(context, "config_exists", "The vault already has a config, and it is never replaced."),
        PutOutcome.HashMismatch => VaultAnswers.RefuseAsync(
            context, 400, "hash_mismatch", "The body does not have the SHA-256 that its name says; it was damaged in transit or is empty."),
        PutOutcome.LengthMismatch => VaultAnswers.RefuseAsync(context, 400, "body_cut", "The body does not have the announced length."),
        _ => VaultAnswers.RefuseAsync(
            context, 507, "no_space", "No writable volume has room for the file. The administrator can add a volume."),
    };
}
