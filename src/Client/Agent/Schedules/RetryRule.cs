using Halley.Protocol.Jobs;
using Halley.Protocol.Policies;
using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Schedules;

/// <summary>How often a failed backup is run again, and after how long.</summary>
/// <param name="Count">Most retries after one scheduled run.</param>
/// <param name="Pause">Time from the failure to the next retry.</param>
internal sealed record RetryRule(long Count, TimeSpan Pause)
{
    private const long ForcedOn = 3;
    private const long ForcedOff = 4;
    private const ulong DefaultMinutes = 30;
    private const ulong MostMinutes = 7 * 24 * 60;

    /// <summary>The retries of a rule, which a policy can force on or off; null for none.</summary>
    public static RetryRule? Of(BackupRuleEventTriggers triggers, UserPolicy policy) => policy.ModeScheduleLastJobFailDoRetry switch
    {
        ForcedOff => null,
        ForcedOn => Make(policy.ModeLastJobFailDoRetryCount, policy.ModeLastJobFailDoRetryTime),
        _ => triggers.OnLastJobFailDoRetry ? Make(triggers.LastJobFailDoRetryCount, triggers.LastJobFailDoRetryTime) : null,
    };

    /// <summary>
    /// True when another attempt may help. A backup with warnings has a snapshot, a cancelled one was not wanted, and a quota does not grow
    /// by itself.
    /// </summary>
    public static bool IsWorthIt(JobStatus status) =>
        status.IsFailed() && status is not (JobStatus.Warning or JobStatus.Cancelled or JobStatus.QuotaExceeded or JobStatus.Skipped);

    // Programs that know of no numbers leave them 0.
    private static RetryRule Make(ulong count, ulong minutes) => new(
        (long)Math.Clamp(count, 1, int.MaxValue), TimeSpan.FromMinutes(minutes == 0 ? DefaultMinutes : Math.Min(minutes, MostMinutes)));
}
