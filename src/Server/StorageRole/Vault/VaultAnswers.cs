using Halley.Server.Hosting;
using Halley.Server.StorageRole.Quotas;
using Halley.Server.Tasks;
using Halley.Storage;

namespace Halley.Server.StorageRole.Vault;

/// <summary>
/// The responses of the vault protocol. Clients read the status only: for restic 401, 403, 404, 416 and 507 are final, and it retries
/// every other status from 400 up for a quarter of an hour. Other clients give up at any status below 500, so "later" is 503. Each status
/// is exact, and the body is for people.
/// </summary>
internal static class VaultAnswers
{
    private const string Realm = "Basic realm=\"halley\", charset=\"UTF-8\"";

    public static Task OkAsync(HttpContext context)
    {
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    public static Task UnauthorizedAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = Realm;
        return RefuseAsync(context, 401, "wrong_key", "The bucket id or its key is wrong, or the key was revoked or has expired.");
    }

    public static Task BusyAsync(HttpContext context) =>
        RetryLaterAsync(context, Problems.Busy, "Too many keys are being checked at the moment. Try again in a few seconds.");

    public static Task TooManyUploadsAsync(HttpContext context) => RetryLaterAsync(
        context, Problems.Busy,
        "Too many uploads with this key, into this bucket or of its organization are in progress. Try again when some have ended.");

    public static Task RoomPromisedAsync(HttpContext context) => RetryLaterAsync(
        context, "room_promised", "The room that is left is promised to uploads in progress. Try again when some have ended.");

    public static Task QuotaExceededAsync(HttpContext context, QuotaShortage shortage) => shortage == QuotaShortage.Full
        ? RefuseAsync(
            context, 507, "quota_exceeded",
            "The bucket or its organization has reached its quota. Delete what is not needed, or ask the administrator for more.")
        : RetryLaterAsync(
            context, "quota_reserved", "The rest of the quota is reserved for uploads in progress. Try again when some have ended.");

    public static Task NotFoundAsync(HttpContext context) =>
        RefuseAsync(context, 404, "not_found", "The vault has no such file, or the path is not part of the vault protocol.");

    public static Task ForbiddenAsync(HttpContext context, string code, string reason) => RefuseAsync(context, 403, code, reason);

    /// <summary>The new address is also in the header, for programs.</summary>
    public static Task MovedAsync(HttpContext context, string address)
    {
        context.Response.Headers.Location = address;
        return ForbiddenAsync(
            context, "bucket_moved", $"This bucket has moved to {address} and is read-only here. Use the new address.");
    }

    public static Task MethodNotAllowedAsync(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return RefuseAsync(context, 405, "method_not_allowed", $"Only {allowed} can be used here.");
    }

    public static Task TooLargeAsync(HttpContext context, long limit) =>
        RefuseAsync(context, 413, "too_large", $"A file may have at most {limit} bytes (option Halley:Storage:MaxFileBytes).");

    public static Task ElsewhereAsync(HttpContext context)
    {
        UnreadBody.Close(context);
        return RetryLaterAsync(context, StorageElsewhere.Code, StorageElsewhere.Reason);
    }

    public static Task MovingAsync(HttpContext context) => RetryLaterAsync(
        context, "bucket_moving",
        "The bucket is being moved to another server, so nothing can be stored or deleted for a moment. Try again.");

    public static Task UnavailableAsync(HttpContext context, BlobStoreException error) => error.Fault switch
    {
        BlobStoreFault.Offline =>
            RetryLaterAsync(
                context, StoreFaults.VolumeOffline, "A volume that may hold the file is offline. The administrator can see which."),
        BlobStoreFault.Exhausted =>
            RetryLaterAsync(
                context, StoreFaults.TooManyOpenFiles,
                "The server may open no more files at this moment. Nothing is wrong with its volumes. Try again."),
        _ when HttpMethods.IsPost(context.Request.Method) =>
            RetryLaterAsync(
                context, StoreFaults.DiskError,
                "The file could not be stored because of a disk error. Nothing was acknowledged. Try again."),
        _ => RefuseAsync(
            context, 500, StoreFaults.DiskError,
            "A disk of the server reported an error. The file is not known to be lost; the server's log has the details."),
    };

    public static Task RefuseAsync(HttpContext context, int status, string code, string detail)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        }

        return Problems.Problem(status, code, detail).ExecuteAsync(context);
    }

    private static Task RetryLaterAsync(HttpContext context, string code, string detail)
    {
        context.Response.Headers.RetryAfter = "5";
        return RefuseAsync(context, 503, code, detail);
    }
}
