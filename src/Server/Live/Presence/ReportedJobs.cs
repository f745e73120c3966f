using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.Hosting;

namespace Halley.Server.Live.Presence;

/// <summary>Stores the jobs and logs that devices report over their connections.</summary>
internal sealed class ReportedJobs(JobReportActions jobs, JobLogStore logs)
{
    private static readonly LiveAck Unreadable =
        new("job_invalid", "The job must be the vendor's BackupJobDetail as JSON, with the same names of fields.");

    public async Task<LiveAck> ReportAsync(LocalDevice device, string job, CancellationToken cancellationToken)
    {
        if (Read<BackupJobDetail>(job) is not { } report)
        {
            return Unreadable;
        }

        report.DeviceID = report.DeviceID.Length == 0 ? device.Key.DeviceId : report.DeviceID;
        return report.DeviceID == device.Key.DeviceId
            ? await TryAsync(async () => AckOf(await jobs.ReportAsync(OwnerOf(device), report, cancellationToken)))
            : new LiveAck("job_invalid", "DeviceID must be the id of the connected device.");
    }

    public async Task<LiveAck> AppendLogAsync(
        LocalDevice device, Guid jobId, long first, string entries, CancellationToken cancellationToken) =>
        Read<List<JobEntry>>(entries) is { } read
            ? await TryAsync(async () => AckOf(await logs.AppendAsync(OwnerOf(device), jobId.ToString(), first, read, cancellationToken)))
            : new LiveAck("job_invalid", "The entries must be an array of the vendor's JobEntry as JSON.");

    // As the API does for all its requests. Without a code, a device could not tell a spent budget from a fault.
    private static async Task<LiveAck> TryAsync(Func<Task<LiveAck>> store)
    {
        try
        {
            return await store();
        }
        catch (RefusedException refused)
        {
            return new LiveAck(refused.Failure.Code, refused.Failure.Detail);
        }
    }

    private static T? Read<T>(string json)
        where T : class
    {
        try
        {
            return CometJson.Read<T>(json ?? "null");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JobOwner OwnerOf(LocalDevice device) => new(device.Key.AccountId, device.Username, device.OrganizationId);

    private static LiveAck AckOf(Outcome<StoredJob> outcome) =>
        outcome.TryGet(out var job, out var refusal) ? new LiveAck(Document: job.Document) : AckOf(refusal);

    private static LiveAck AckOf(Refusal? refusal) => refusal is null ? new LiveAck() : new LiveAck(refusal.Code, refusal.Reason);
}
