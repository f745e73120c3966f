using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.Tasks;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>Starts the transfers of buckets to other servers.</summary>
internal sealed partial class BucketTransfers(
    BucketDirectory directory, TransferCredentials credentials, OutgoingHttp outgoing, HalleyOptions options, TaskRunner tasks,
    IDbContextFactory<ServerDbContext> databases, TimeProvider time, ILogger<BucketTransfers> logger)
{
    /// <summary>A server that does not answer now is waited for by the task, not by whoever starts it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="bucketId">The bucket.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="ownAddress">The address under which this server was just called.</param>
    /// <param name="actor">Name of the caller.</param>
    /// <param name="cancellationToken">Ends the start, not the task.</param>
    public async Task<BucketChange<TaskInfo>> StartAsync(
        string bucketId, StartTransfer request, string ownAddress, string actor, CancellationToken cancellationToken)
    {
        if (!directory.TryFind(bucketId, out var bucket))
        {
            return BucketChange<TaskInfo>.NotFound;
        }

        var (parameters, refusal) = Check(bucket, request, ownAddress);
        if (parameters is null)
        {
            return new BucketChange<TaskInfo>(null, refusal);
        }

        var credential = new TargetCredential(request.Username, request.Password, string.IsNullOrEmpty(request.Token) ? null : request.Token);
        if (await TryAsync(parameters, credential, cancellationToken) is { } reason)
        {
            return BucketChange<TaskInfo>.Refused(reason.Code, reason.Message);
        }

        var start = await tasks.StartAsync(
            TransferKind.Word, bucketId, parameters, actor, request.MaxBytesPerSecond is > 0 ? request.MaxBytesPerSecond : null, cancellationToken,
            first: () => credentials.KeepAsync(bucketId, credential, CancellationToken.None));
        if (start.Task is not { } task)
        {
            return BucketChange<TaskInfo>.Refused(start.Code!, start.Reason!, isConflict: true);
        }

        await using var database = await databases.CreateDbContextAsync(CancellationToken.None);
        var told = TransferWork.Data(TransferKind.NewHome(parameters));
        database.Add(EventRecord.Of(StreamableEventType.BucketTransferStarted, time.GetUtcNow(), actor, bucket.OrganizationId, bucketId, told));
        await database.SaveChangesAsync(CancellationToken.None);
        LogStarted(logger, bucketId, parameters.Server, actor);
        return BucketChange<TaskInfo>.Done(task);
    }

    private (TransferParameters? Parameters, BucketRefusal? Refusal) Check(OpenBucket bucket, StartTransfer request, string ownAddress)
    {
        var there = string.IsNullOrEmpty(request.BucketId) ? bucket.Id : request.BucketId;
        var server = TransferAddress.Normalize(request.Server);
        var forDevices = string.IsNullOrEmpty(request.DeviceAddress) ? server : TransferAddress.Normalize(request.DeviceAddress);
        var own = (request.OwnAddresses ?? [.. options.PublicUrl is { Length: > 0 } address ? [address] : Array.Empty<string>(), ownAddress])
            .Select(TransferAddress.Normalize).ToList();
        BucketRefusal? refusal = true switch
        {
            _ when server is null => new("server_invalid", "server must be an http or https address without a query, for example https://other.example.com/."),
            _ when forDevices is null => new("device_address_invalid", "deviceAddress must be an http or https address without a query."),
            _ when own.Contains(null) => new("own_addresses_invalid", "ownAddresses must be a list of http or https addresses without a query."),
            _ when !BucketId.IsValid(there) => new("bucket_id_invalid", BucketId.Rule),
            _ when request.MaxBytesPerSecond < 0 => new("rate_invalid", "maxBytesPerSecond must be a number of bytes, 1 or more, or 0 for no limit."),
            _ when string.IsNullOrEmpty(request.Token) == (string.IsNullOrEmpty(request.Username) || string.IsNullOrEmpty(request.Password)) =>
                new("credential_invalid", "Give either token, or username and password, of an administrator of the other server."),
            _ when bucket.MovedTo is { } elsewhere =>
                new("bucket_moved", $"The bucket has moved to {elsewhere} already. Unfreeze it first if it is to move once more.", IsConflict: true),
            _ => null,
        };
        return refusal is null
            ? (new TransferParameters(server!, there, forDevices!, request.SwitchProfiles, [.. own.Select(one => one!).Distinct()]), null)
            : (null, refusal);
    }

    // A wrong credential is better told at once. A server that cannot be reached now may be later.
    private async Task<TargetException?> TryAsync(TransferParameters parameters, TargetCredential credential, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var server = new TargetServer(new TargetCalls(outgoing.Lasting, new Uri(parameters.Server), time), credential);
            await server.SignInAsync(both.Token);
            await server.SignOutAsync(both.Token);
        }
        catch (TargetException failure)
        {
            return failure.IsPassing ? null : failure;
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
