using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;

namespace Halley.Server.Live.Commands;

/// <summary>Stops a job by a command to the device that runs it.</summary>
internal sealed class LiveJobStopper(LiveDevices devices, DeviceCalls calls, TimeProvider time) : JobStopper
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public override async Task<Refusal?> StopAsync(BackupJob job, string cancellationId, CancellationToken cancellationToken)
    {
        if (devices.Find(new DeviceKey(job.AccountId, job.DeviceId)) is not { } device)
        {
            return JobRefusals.NotConnected("The device that runs the job is not connected to this server.");
        }

        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        CommandOutcome outcome;
        try
        {
            outcome = await calls.CallAsync(device, CommandCatalog.CancelJob, new CancelJobArguments(job.Id, cancellationId), either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            outcome = CommandOutcome.Silent;
        }

        return outcome.IsDone ? null
            : outcome.IsUndelivered ? JobRefusals.NotConnected(outcome.Message)
            : JobRefusals.Conflict(outcome.Message);
    }
}
