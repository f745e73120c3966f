using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Schedules;

/// <summary>Why a look at the schedules is more than the look of every minute.</summary>
[Flags]
internal enum ScheduleOccasion
{
    /// <summary>It is not.</summary>
    None = 0,

    /// <summary>The agent has started, or the machine was asleep, or the connection to the server is back.</summary>
    Back = 1,

    /// <summary>The machine has started.</summary>
    Boot = 2,
}

/// <summary>Decides which rules of a profile start now. Changes the memory only; the caller saves it and starts the backups.</summary>
/// <param name="profile">The profile of the account.</param>
/// <param name="deviceId">This device.</param>
/// <param name="memory">What is remembered.</param>
/// <param name="random">For random delays.</param>
internal sealed class ScheduleDecisions(UserProfileConfig profile, string deviceId, ScheduleMemory memory, Random random)
{
    /// <summary>Seconds after its due time in which a start is still on time; the server grants the same.</summary>
    public const long Grace = 15 * 60;

    // The clock of a machine is corrected by so many seconds without anybody noticing.
    private const long Correction = 5 * 60;

    private readonly TimeZoneInfo _zone = ScheduleCalendar.ZoneOf(
        profile.Devices.GetValueOrDefault(deviceId)?.DeviceTimezone ?? "", profile.LocalTimezone);

    /// <summary>True when the memory has changed by more than the time of the last look.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>The rules of this device that can be run, by id.</summary>
    private IEnumerable<KeyValuePair<string, BackupRuleConfig>> Rules => profile.IsSuspended ? [] : profile.BackupRules.Where(rule =>
        profile.Sources.GetValueOrDefault(rule.Value.Source)?.OwnerDevice == deviceId
        && profile.Destinations.ContainsKey(rule.Value.Destination));

    /// <summary>Takes note of all that was due since the last look, and returns the ids of the rules that start now.</summary>
    public IReadOnlyList<string> Look(long now, ScheduleOccasion occasion)
    {
        if (memory.CheckedUntil == 0 || now < memory.CheckedUntil - Correction)
        {
            StartFrom(now);
        }

        var starts = Rules.Where(rule => IsStarting(rule.Key, rule.Value, now, occasion)).Select(rule => rule.Key).ToList();
        memory.CheckedUntil = Math.Max(memory.CheckedUntil, now);
        foreach (var gone in memory.Rules.Keys.Except(profile.BackupRules.Keys).ToList())
        {
            memory.Rules.Remove(gone);
        }

        return starts;
    }

    /// <summary>Takes note of how a backup ended.</summary>
    public void End(string ruleId, JobStatus status, long now)
    {
        if (status == JobStatus.Skipped || !profile.BackupRules.TryGetValue(ruleId, out var rule))
        {
            return; // another run of the rule decides
        }

        var kept = memory.Of(ruleId);
        (kept.IsRunning, HasChanged) = (false, true);
        if (RetryRule.IsWorthIt(status) && RetryRule.Of(rule.EventTriggers, profile.Policy) is { } retry && kept.Retries < retry.Count)
        {
            kept.Retries++;
            kept.RetryAt = now + (long)retry.Pause.TotalSeconds;
        }
    }

    /// <summary>The next time at which a look may start something, at most a minute away.</summary>
    public long NextLook(long now)
    {
        var next = now + 60;
        foreach (var (id, rule) in Rules)
        {
            var kept = memory.Of(id);
            next = rule.Schedules.SelectMany(schedule => ScheduleCalendar.Due(schedule, _zone, now, next))
                .Append(kept.Planned?.Start ?? 0).Append(kept.RetryAt).Where(time => time > now).Append(next).Min();
        }

        return next;
    }

    // The clock was set back, or this is the first look: what lies before is over, and nothing may wait for a time of the wrong clock.
    private void StartFrom(long now)
    {
        (memory.CheckedUntil, HasChanged) = (now, true);
        foreach (var rule in memory.Rules.Values)
        {
            rule.Planned = rule.Planned is { } planned && planned.Start > now ? new(now, now + Grace) : rule.Planned;
            rule.RetryAt = Math.Min(rule.RetryAt, now);
        }
    }

    private bool IsStarting(string id, BackupRuleConfig rule, long now, ScheduleOccasion occasion)
    {
        var kept = memory.Of(id);
        // As for the server: a rule was not due before it was made or changed.
        var after = new[] { memory.CheckedUntil, rule.CreateTime, rule.ModifyTime }.Where(time => time <= now).Append(0).Max();
        foreach (var schedule in rule.Schedules)
        {
            TakeNote(kept, schedule, Math.Max(after, memory.CheckedUntil), now);
        }

        if (kept.Planned is { } planned && planned.Latest < now)
        {
            (kept.Planned, kept.WasMissed, HasChanged) = (null, true, true);
        }

        var isRetry = kept.RetryAt > 0 && kept.RetryAt <= now && RetryRule.Of(rule.EventTriggers, profile.Policy) is not null;
        var isScheduled = kept.Planned is { } due && due.Start <= now;
        var isTriggered = (occasion.HasFlag(ScheduleOccasion.Boot) && rule.EventTriggers.OnPCBoot)
            || (occasion.HasFlag(ScheduleOccasion.Back) && rule.EventTriggers.OnPCBootIfLastJobMissed && kept.WasMissed);
        if (!isRetry && !isScheduled && !isTriggered)
        {
            return false;
        }

        kept.Retries = isScheduled || isTriggered ? 0 : kept.Retries;
        HasChanged = true;
        (kept.Planned, kept.WasMissed, kept.RetryAt, kept.IsRunning) = (isScheduled ? null : kept.Planned, false, 0, true);
        return true;
    }

    private void TakeNote(RuleMemory kept, ScheduleConfig schedule, long after, long now)
    {
        var delay = ScheduleCalendar.DelayOf(profile, schedule);
        var onTime = Math.Max(after, now - Grace - delay - 1);
        if (schedule.FrequencyType == ScheduleFrequencies.Once && kept.Once.Contains((long)schedule.SecondsPast))
        {
            return;
        }

        if (ScheduleCalendar.Next(schedule, _zone, after) is not { } first || first > now)
        {
            return;
        }

        HasChanged = true;
        if (schedule.FrequencyType == ScheduleFrequencies.Once)
        {
            kept.Once.Add(first);
        }

        if (ScheduleCalendar.Due(schedule, _zone, onTime, now).LastOrDefault() is var due and > 0)
        {
            var start = Math.Max(now, due + RandomDelay(schedule, due, delay));
            kept.Planned = kept.Planned is { } planned && planned.Start <= start ? planned : new(start, due + delay + Grace);
        }
        else
        {
            kept.WasMissed = true;
        }
    }

    // A delay that would lead out of the window of the schedule is made shorter.
    private long RandomDelay(ScheduleConfig schedule, long due, long longest)
    {
        var delay = random.NextInt64(longest + 1);
        while (delay > 0 && !ScheduleCalendar.Allows(schedule, _zone, due + delay))
        {
            delay /= 2;
        }

        return delay;
    }
}
