using Halley.Server.Hosting;
using Halley.Server.StorageRole.BandwidthLimits;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Quotas;
using Halley.Storage;

namespace Halley.Server.StorageRole.Vault;

/// <summary>POST of a file: 200 means that it is durable.</summary>
internal sealed class VaultUpload(
    StorageOptions options, QuotaGate quotas, OpenUploads uploads, LimitsInForce limits, TimeProvider time)
{
    public async Task RunAsync(HttpContext context, VaultVisitor visitor, BlobName name)
    {
        var (bucket, length) = (visitor.Bucket!, context.Request.ContentLength);
        if (length > options.MaxFileBytes)
        {
            await VaultAnswers.TooLargeAsync(context, options.MaxFileBytes);
            return;
        }

        using var upload = uploads.TryBegin(bucket, visitor.Key!, context.Abort);
        if (upload is null)
        {
            await VaultAnswers.TooManyUploadsAsync(context);
            return;
        }

        // Locks are exempt: a client that cannot lock cannot delete anything either.
        using var room = name.Type == BlobType.Locks ? null : quotas.Reserve(bucket, length);
        if (room?.Shortage is { } shortage
            && (length is null || await bucket.Store.FindAsync(name, context.RequestAborted) != length))
        {
            await VaultAnswers.QuotaExceededAsync(context, shortage); // before the body is read; an existing file may be sent again
            return;
        }

        var body = length is null ? new LimitedBody(context.Request.Body, announced: null, options.MaxFileBytes) : context.Request.Body;
        body = new UploadBody(body, upload, room?.Shortage is null ? room : null);
        if (limits.Throttle(bucket.Id, context.Connection.RemoteIpAddress, isUpload: true) is { } throttle)
        {
            body = new ThrottledStream(body, throttle);
        }

        await StoreAsync(context, bucket, name, body);
    }

    private async Task StoreAsync(HttpContext context, OpenBucket bucket, BlobName name, Stream body)
    {
        var length = context.Request.ContentLength;
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
        catch (QuotaExceededException exceeded)
        {
            await VaultAnswers.QuotaExceededAsync(context, exceeded.Shortage);
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

    private static Task AnswerAsync(HttpContext context, PutOutcome outcome) => outcome switch
    {
        PutOutcome.Stored or PutOutcome.AlreadyPresent => VaultAnswers.OkAsync(context),
        PutOutcome.Conflict =>
            VaultAnswers.ForbiddenAsync(context, "config_exists", "The vault already has a config, and it is never replaced."),
        PutOutcome.HashMismatch => VaultAnswers.RefuseAsync(
            context, 400, "hash_mismatch", "The body does not have the SHA-256 that its name says; it was damaged in transit or is empty."),
        PutOutcome.LengthMismatch => VaultAnswers.RefuseAsync(context, 400, "body_cut", "The body does not have the announced length."),
        PutOutcome.Busy => VaultAnswers.RoomPromisedAsync(context),
        _ => VaultAnswers.RefuseAsync(
            context, 507, "no_space", "No writable volume has room for the file. The administrator can add a volume."),
    };
}
