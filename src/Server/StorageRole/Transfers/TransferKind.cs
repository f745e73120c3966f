using Halley.Protocol;
using Halley.Server.Hosting;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.Tasks;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>
/// Moves a bucket to another server while clients use it: pass after pass until hardly anything is new, and the last one while writers
/// wait. Nothing is ever deleted on this server. The files that the other server doesn't list are the remaining work, so the task can stop
/// and continue at any moment.
/// </summary>
internal sealed class TransferKind(
    BucketCache cache, TransferWork work, VaultAddresses addresses, TransferCredentials credentials, DataDirectory data, TimeProvider time)
    : TaskKind
{
    public const string Word = "transfer";
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    public override string Name => Word;

    /// <summary>Where the vault of a bucket that has moved is.</summary>
    public static string NewHome(TransferParameters request) => $"{request.DeviceAddress}{Routes.ToVault(request.BucketId).TrimStart('/')}";

    public override async Task RunAsync(TaskRun run, CancellationToken cancellationToken)
    {
        var request = run.Parameters<TransferParameters>();
        if (!cache.TryFind(run.Subject, out var source))
        {
            throw new TaskFailedException("The bucket no longer exists. Cancel this task.");
        }

        if (source.MovedTo != NewHome(request))
        {
            await CopyAsync(run, request, source, cancellationToken);
        }

        if (request.SwitchProfiles)
        {
            await SwitchAsync(run, request, cancellationToken);
        }

        await TidyAsync(run, cancellationToken);
    }

    public override Task CancelledAsync(TaskRun run, CancellationToken cancellationToken) => TidyAsync(run, cancellationToken);

    private async Task CopyAsync(TaskRun run, TransferParameters request, OpenBucket source, CancellationToken cancellationToken)
    {
        var wait = FirstWait;
        string? logged = null;
        while (true)
        {
            var before = run.FilesDone;
            try
            {
                await work.RunAsync(run, request, source, cancellationToken);
                return;
            }
            catch (TransferException failure) when (!failure.IsTransient)
            {
                var advice = failure.Code == TransferException.CredentialRefused
                    ? " Cancel this task and start the transfer again with another one." : "";
                throw new TaskFailedException(failure.Message + advice, failure);
            }
            catch (TransferException failure)
            {
                wait = run.FilesDone > before ? FirstWait : wait;
                if (failure.Message != logged)
                {
                    run.Log($"{failure.Message} The transfer keeps trying.");
                    logged = failure.Message;
                }
            }

            await Task.Delay(wait, time, cancellationToken);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    private async Task SwitchAsync(TaskRun run, TransferParameters request, CancellationToken cancellationToken)
    {
        var switched = await addresses.SwitchAsync(
            new BucketMove(request.OwnAddresses, run.Subject, request.DeviceAddress, request.BucketId), run.CreatedBy, cancellationToken);
        run.Log($"{switched.Accounts} accounts have the new address in their profiles.");
        if (switched.Refusals is [var first, ..])
        {
            throw new TaskFailedException($"{switched.Refusals.Count} profiles still have the old address: {first}. Resume to try again.");
        }
    }

    private async Task TidyAsync(TaskRun run, CancellationToken cancellationToken)
    {
        await credentials.ForgetAsync(run.Subject, cancellationToken);
        TransferJournal.Delete(data, run.Id);
    }
}
