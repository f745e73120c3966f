using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Scrubs;
using Halley.Server.Tasks;
using Halley.Storage.Remote;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>One attempt at a transfer, from signing in on the other server to the mark that the bucket has moved.</summary>
internal sealed partial class TransferWork(
    BucketCache cache, IDbContextFactory<ServerDbContext> databases, TransferCredentials credentials, FindingStore findings,
    OutgoingHttp outgoing, DataDirectory data, TimeProvider time, ILogger<TransferWork> logger)
{
    private const int MostPasses = 10;
    private const int MostLastPasses = 3;
    private static readonly TimeSpan LongestUpload = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan TimeToTidy = TimeSpan.FromSeconds(10);

    /// <exception cref="TransferException">The other server refuses it, or can't do it now.</exception>
    /// <exception cref="TaskFailedException">It cannot continue.</exception>
    public async Task RunAsync(TaskRun run, TransferParameters request, OpenBucket source, CancellationToken cancellationToken)
    {
        var credential = await credentials.FindAsync(source.Id, cancellationToken)
            ?? throw new TaskFailedException("The credential for the other server is gone. Cancel this task and start the transfer again.");
        var server = new TargetServer(outgoing.Lasting, new Uri(request.Server), credential, time);
        var target = new TargetBucket(server, request, run, databases, time);
        try
        {
            await server.SignInAsync(cancellationToken);
            await target.PrepareAsync(await ReadAsync(source.Id, cancellationToken), cancellationToken);
            await CopyAsync(run, request, source, target, cancellationToken);
        }
        finally
        {
            await TidyAsync(server, target);
        }
    }

    private async Task CopyAsync(
        TaskRun run, TransferParameters request, OpenBucket source, TargetBucket target, CancellationToken cancellationToken)
    {
        var address = new Uri(request.Server + Routes.ToVault(request.BucketId).TrimStart('/'));
        var vault = new VaultBlobStore(outgoing.Lasting, address, request.BucketId, await target.AddKeyAsync(cancellationToken), time);
        if (cache.All.Any(bucket => bucket.Keys.Any(key => key.Id == target.KeyId)))
        {
            throw new TaskFailedException("The other server is this one. Give the address of another; cancel this task.");
        }

        await target.FollowKeysAsync(source.Id, isLast: false, cancellationToken);
        using var journal = TransferJournal.Open(data, run.Id);
        Task<PassResult> PassAsync(bool isLast, IReadOnlySet<string> lost) =>
            new TransferPass(source.Store, vault, target.RereadAsync, journal, run, time)
                .RunAsync(isLast, lost, () => cache.TryFind(source.Id, out _), cancellationToken);

        for (var pass = 1; pass <= MostPasses; pass++)
        {
            var result = await PassAsync(isLast: false, new HashSet<string>());
            run.Log($"Pass {pass}: {result.Copied} files copied, {result.Wrong} failed verification there.");
            FailIfBad(result);
            if (result.IsSmall)
            {
                break;
            }
        }

        try
        {
            run.Log("Uploads and deletes wait while the last pass runs.");
            await CloseAsync(source, cancellationToken);
            for (var pass = 1; ; pass++)
            {
                var result = await PassAsync(isLast: true, await ReadLostAsync(source.Id, cancellationToken));
                run.Log(
                    $"Last pass: {result.Copied} files copied, {result.Removed} removed there because they were deleted here, "
                    + $"{result.Wrong} failed verification there.");
                FailIfBad(result);
                if (result.IsEmpty)
                {
                    break;
                }

                if (pass == MostLastPasses)
                {
                    throw new TaskFailedException(
                        "The bucket there keeps differing from the one here, although nobody writes here. Make sure that nobody uses it "
                        + "there, then resume; the log has the details.");
                }
            }

            await target.RemoveKeyAsync(cancellationToken);
            await target.FollowKeysAsync(source.Id, isLast: true, cancellationToken);
            await target.SetQuotaAsync(await ReadAsync(source.Id, cancellationToken), cancellationToken);
            await MarkAsync(run, source, TransferKind.NewHome(request), cancellationToken);
        }
        finally
        {
            source.Writes.Open();
        }
    }

    private async Task CloseAsync(OpenBucket source, CancellationToken cancellationToken)
    {
        try
        {
            await source.Writes.CloseAsync().WaitAsync(LongestUpload, time, cancellationToken);
        }
        catch (TimeoutException failure)
        {
            throw new TaskFailedException(
                "Uploads that had begun before did not end in time. Resume when less is being uploaded.", failure);
        }
    }

    private static void FailIfBad(PassResult result)
    {
        if (result.Bad > 0)
        {
            throw new TaskFailedException(
                $"{result.Bad} files cannot be copied; the log of this task names them. Scrub the volumes, which puts corrupt files into "
                + "quarantine, then resume.");
        }
    }

    private async Task MarkAsync(TaskRun run, OpenBucket source, string newHome, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Set<Bucket>().Where(bucket => bucket.Id == source.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(bucket => bucket.MovedTo, newHome), cancellationToken);
        database.Add(EventRecord.Of(
            StreamableEventType.BucketMoved, time.GetUtcNow(), run.CreatedBy, source.OrganizationId, source.Id, Data(newHome)));
        await database.SaveChangesAsync(cancellationToken);
        await both.CommitAsync(cancellationToken);
        source.MovedTo = newHome; // before writers may continue
        run.Log($"The bucket is at {newHome} now. Here it is read-only until it is deleted or unfrozen.");
        LogMoved(logger, source.Id, newHome);
    }

    /// <summary>The data of a transfer's events.</summary>
    public static string Data(string newHome) => JsonSerializer.Serialize(new { MovedTo = newHome }, JsonSerializerOptions.Web);

    private async Task<Bucket> ReadAsync(string bucketId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Bucket>().AsNoTracking().FirstOrDefaultAsync(bucket => bucket.Id == bucketId, cancellationToken)
            ?? throw new TaskFailedException("The bucket no longer exists. Cancel this task.");
    }

    // A file damaged by a disk is absent here, and the target may have its last copy.
    private async Task<IReadOnlySet<string>> ReadLostAsync(string bucketId, CancellationToken cancellationToken)
    {
        await findings.CollectAsync(cancellationToken);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<FindingRecord>().AsNoTracking().Where(
            finding => finding.BucketId == bucketId && finding.State == ScrubFindingState.Open)
            .Select(finding => finding.Path).ToHashSetAsync(cancellationToken);
    }

    // Also when it was cancelled or the server stops: without the caller's token, but not for long.
    private async Task TidyAsync(TargetServer server, TargetBucket target)
    {
        using var patience = new CancellationTokenSource(TimeToTidy, time);
        try
        {
            if (target.KeyId is not null)
            {
                await target.RemoveKeyAsync(patience.Token);
            }

            await server.SignOutAsync(patience.Token);
        }
        catch (Exception failure) when (failure is TransferException or OperationCanceledException)
        {
            LogNotTidied(logger, server.Host, failure.Message);
        }
    }

    [LoggerMessage(LogEvents.BucketMoved, LogLevel.Information, "Bucket {Bucket} has moved to {Address}")]
    private static partial void LogMoved(ILogger logger, string bucket, string address);

    [LoggerMessage(
        LogEvents.TransferNotTidied, LogLevel.Warning, "The key or session of a transfer stays on {Server} until it expires: {Reason}")]
    private static partial void LogNotTidied(ILogger logger, string server, string reason);
}
