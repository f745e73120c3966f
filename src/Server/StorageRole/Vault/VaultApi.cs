using Halley.Protocol;
using Halley.Server.Credentials;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.BandwidthLimits;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.Tasks;
using Halley.Storage;

namespace Halley.Server.StorageRole.Vault;

/// <summary>
/// <c>/vault/{bucket}/…</c>: the restic REST protocol, versions 1 and 2 (restic, doc/REST_backend.rst). One catch-all endpoint checks the
/// key, then the path, then the right, so that a client without a key learns nothing.
/// </summary>
internal sealed partial class VaultApi(
    VaultAccess access, VaultUpload upload, VaultDelete delete, LimitsInForce limits, ForegroundLoad load, ILogger<VaultApi> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        UnreadBody.Close(context);
        var path = context.Request.Path.Value!;
        var bucketId = VaultPath.BucketIn(path).ToString();
        var visitor = await access.IdentifyAsync(context, bucketId);
        if (visitor.Bucket is null)
        {
            await (visitor.Outcome == CredentialOutcome.Busy ? VaultAnswers.BusyAsync(context) : VaultAnswers.UnauthorizedAsync(context));
            return;
        }

        if (!VaultPath.TryParse(path, bucketId, out var target))
        {
            await VaultAnswers.NotFoundAsync(context);
            return;
        }

        load.Enter();
        try
        {
            await DispatchAsync(context, visitor, target.Value);
        }
        catch (BlobStoreException error)
        {
            LogStoreFailed(logger, context.Request.Method, bucketId, error);
            await GiveUpAsync(context, error);
        }
        catch (BadHttpRequestException error)
        {
            await VaultAnswers.RefuseAsync(context, error.StatusCode, "bad_request", "The request's body is incomplete or malformed.");
        }
        catch (Exception error) when (error is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            LogClientGone(logger, context.Request.Method, bucketId);
        }
        finally
        {
            load.Leave();
        }
    }

    private Task DispatchAsync(HttpContext context, VaultVisitor visitor, VaultPath target) => target.Kind switch
    {
        VaultPathKind.File => HandleFileAsync(context, visitor, target.Name),
        VaultPathKind.Collection => HandleCollectionAsync(context, visitor, target.Type),
        _ => HandleVaultAsync(context, visitor),
    };

    private Task HandleFileAsync(HttpContext context, VaultVisitor visitor, BlobName name)
    {
        var method = context.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method))
        {
            return VaultDownload.RunAsync(
                context, visitor.Bucket!.Store, name,
                limits.Throttle(visitor.Bucket.Id, context.Connection.RemoteIpAddress, isUpload: false));
        }

        if (HttpMethods.IsPost(method))
        {
            return VaultRights.MayWrite(visitor.Key!.Mode, name.Type)
                ? WriteAsync(context, visitor, name, upload.RunAsync)
                : VaultAnswers.ForbiddenAsync(context, "key_read_only", "This key may only read.");
        }

        if (HttpMethods.IsDelete(method))
        {
            return VaultRights.MayDelete(visitor.Key!.Mode, name.Type)
                ? WriteAsync(context, visitor, name, delete.RunAsync)
                : VaultAnswers.ForbiddenAsync(context, "key_may_not_delete", "This key may only delete locks.");
        }

        return VaultAnswers.MethodNotAllowedAsync(context, "GET, HEAD, POST, DELETE");
    }

    private static async Task WriteAsync(
        HttpContext context, VaultVisitor visitor, BlobName name, Func<HttpContext, VaultVisitor, BlobName, Task> write)
    {
        var bucket = visitor.Bucket!;
        if (!bucket.Writes.TryEnter())
        {
            await VaultAnswers.MovingAsync(context);
            return;
        }

        try
        {
            // Locks are free, because a restore from the files here also locks the vault.
            await (bucket.MovedTo is { } address && name.Type != BlobType.Locks
                ? VaultAnswers.MovedAsync(context, address)
                : write(context, visitor, name));
        }
        finally
        {
            bucket.Writes.Leave();
        }
    }

    private static Task HandleCollectionAsync(HttpContext context, VaultVisitor visitor, BlobType type) =>
        HttpMethods.IsGet(context.Request.Method)
            ? VaultListing.RunAsync(context, visitor.Bucket!.Store, type)
            : VaultAnswers.MethodNotAllowedAsync(context, "GET");

    // Folders are created with their first file, so there is nothing to do.
    private static Task HandleVaultAsync(HttpContext context, VaultVisitor visitor)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            return VaultAnswers.MethodNotAllowedAsync(context, "POST");
        }

        if (context.Request.Query["create"] != "true")
        {
            return VaultAnswers.RefuseAsync(context, 400, "create_missing", "Only ?create=true can be posted here.");
        }

        return VaultRights.MayWrite(visitor.Key!.Mode, BlobType.Config)
            ? VaultAnswers.OkAsync(context)
            : VaultAnswers.ForbiddenAsync(context, "key_read_only", "This key may only read.");
    }

    private static Task GiveUpAsync(HttpContext context, BlobStoreException error)
    {
        if (!context.Response.HasStarted)
        {
            return VaultAnswers.UnavailableAsync(context, error);
        }

        context.Abort(); // clients retry a broken response, but would believe one that ends early
        return Task.CompletedTask;
    }

    [LoggerMessage(LogEvents.VaultStoreFailed, LogLevel.Error, "{Method} in bucket {Bucket} failed in the store")]
    private static partial void LogStoreFailed(ILogger logger, string method, string bucket, Exception error);

    [LoggerMessage(LogEvents.VaultClientGone, LogLevel.Debug, "The client of a {Method} in bucket {Bucket} went away")]
    private static partial void LogClientGone(ILogger logger, string method, string bucket);
}
