using Halley.Protocol;
using Halley.Protocol.Jobs;

namespace Halley.Server.Metrics;

/// <summary>What can only be learnt by asking the database or by trying; collected from time to time.</summary>
/// <param name="Checks">Each check of <c>/readyz</c>, and whether it found nothing.</param>
/// <param name="DatabaseSeconds">How long a query took.</param>
/// <param name="Tasks">Tasks by their state.</param>
/// <param name="EmailsWaiting">E-mails in the queue.</param>
/// <param name="EmailsGivenUp">E-mails that were given up and are still remembered.</param>
/// <param name="Verified">UTC time since which every older byte on a volume was verified.</param>
/// <param name="Jobs">Backup jobs that ended within the last day, by their result.</param>
/// <param name="LastGood">The last backup of each account that was good.</param>
internal sealed record CollectedState(
    IReadOnlyDictionary<string, bool> Checks, double DatabaseSeconds, IReadOnlyDictionary<TaskState, long> Tasks, long EmailsWaiting,
    long EmailsGivenUp, IReadOnlyDictionary<Guid, DateTime> Verified, IReadOnlyDictionary<JobStatus, long> Jobs,
    IReadOnlyList<LastGoodBackup> LastGood);

/// <summary>The end of an account's last good backup.</summary>
/// <param name="Username">The account.</param>
/// <param name="OrganizationId">Its organization.</param>
/// <param name="EndTime">Unix seconds.</param>
internal sealed record LastGoodBackup(string Username, string OrganizationId, long EndTime);
