using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.Tasks;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>The operation that starts a transfer.</summary>
internal sealed partial class TransferActions(
    BucketCache cache, TransferCredentials credentials, OutgoingHttp outgoing, HalleyOptions options, TaskRunner tasks,
    IDbContextFactory<ServerDbContext> databases, TimeProvider time, ILogger<TransferActions> logger)
{
    /// <summary>A server that doesn't respond by then is left to the task, which keeps trying.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Starts the transfer of a bucket to another server.</summary>
    public async Task<Outcome<TaskInfo>> StartAsync(
        Caller caller, string bucketId, StartTransfer request, CancellationToken cancellationToken)
    {
        if (BucketRefusals.MayNotProtect(caller) is { } lacks)
        {
            return lacks;
        }

        if (!cache.TryFind(bucketId, out var bucket))
        {
            return BucketRefusals.NotFound;
        }

        if (!Check(bucket, request, caller.ServerAddress).TryGet(out var parameters, out var refusal))
        {
            return refusal;
        }

        var credential = new TargetCredential(
            request.Username, request.Password, string.IsNullOrEmpty(request.Token) ? null : request.Token);
        if (await TryAsync(parameters, credential, cancellationToken) is { } reason)
        {
            return Refusal.Invalid(reason.Code, reason.Message);
        }

        var start = await tasks.StartAsync(
            TransferKind.Word, bucketId, parameters, caller.Name, TaskRate.Of(request.MaxBytesPerSecond), cancellationToken,
            first: () => credentials.KeepAsync(bucketId, credential, CancellationToken.None));
        if (!start.TryGet(out var task, out var obstacle))
        {
            return obstacle;
        }

        await using var database = await databases.CreateDbContextAsync(CancellationToken.None);
        var data = TransferWork.Data(TransferKind.NewHome(parameters));
        database.Add(EventRecord.Of(
            StreamableEventType.BucketTransferStarted, time.GetUtcNow(), caller.Name, bucket.OrganizationId, bucketId, data));
        await database.SaveChangesAsync(CancellationToken.None);
        LogStarted(logger, bucketId, parameters.Server, caller.Name);
        return task;
    }

    private Outcome<TransferParameters> Check(OpenBucket bucket, StartTransfer request, string ownAddress)
    {
        var there = string.IsNullOrEmpty(request.BucketId) ? bucket.Id : request.BucketId;
        var server = Normalize(request.Server);
        var forDevices = string.IsNullOrEmpty(request.DeviceAddress) ? server : Normalize(request.DeviceAddress);
        IReadOnlyList<string> known = options.PublicUrl is { Length: > 0 } address ? [address, ownAddress] : [ownAddress];
        var own = (request.OwnAddresses ?? known)
            .Select(Normalize).ToList();
        var hasToken = !string.IsNullOrEmpty(request.Token);
        var hasPassword = !string.IsNullOrEmpty(request.Username) && !string.IsNullOrEmpty(request.Password);
        var refusal = true switch
        {
            _ when server is null => Refusal.Invalid(
                "server_invalid", "server must be an http or https address without a query, for example https://other.example.com/."),
            _ when forDevices is null =>
                Refusal.Invalid("device_address_invalid", "deviceAddress must be an http or https address without a query."),
            _ when own.Contains(null) =>
                Refusal.Invalid("own_addresses_invalid", "ownAddresses must be a list of http or https addresses without a query."),
            _ when !BucketId.IsValid(there) => Refusal.Invalid("bucket_id_invalid", BucketId.Rule),
            _ when TaskRate.Check(request.MaxBytesPerSecond) is { } invalid => invalid,
            _ when hasToken == hasPassword =>
                Refusal.Invalid(
                    "credential_invalid", "Give either token, or username and password, of an administrator of the other server."),
            _ when bucket.MovedTo is { } elsewhere =>
                Refusal.Conflict("bucket_moved", $"The bucket has already moved to {elsewhere}. Unfreeze it first to move it again."),
            _ => null,
        };
        return refusal is null
            ? new TransferParameters(server!, there, forDevices!, request.SwitchProfiles, [.. own.Select(one => one!).Distinct()])
            : refusal;
    }

    /// <summary>An http or https address with a slash at its end; null for any other text.</summary>
    private static string? Normalize(string? text) =>
        text is { Length: <= 500 } && Uri.TryCreate(text, UriKind.Absolute, out var address)
            && address is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" }
            ? address.AbsoluteUri.TrimEnd('/') + "/"
            : null;

    // A wrong credential is refused at once. A server that can't be reached now may be reachable later.
    private async Task<TransferException?> TryAsync(
        TransferParameters parameters, TargetCredential credential, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var server = new TargetServer(outgoing.Lasting, new Uri(parameters.Server), credential, time);
            await server.SignInAsync(both.Token);
            await server.SignOutAsync(both.Token);
        }
        catch (TransferException failure)
        {
            return failure.IsTransient ? null : failure;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        return null;
    }

    [LoggerMessage(LogEvents.TransferStarted, LogLevel.Information, "The transfer of bucket {Bucket} to {Server} was started by {Actor}")]
    private static partial void LogStarted(ILogger logger, string bucket, string server, string actor);
}
