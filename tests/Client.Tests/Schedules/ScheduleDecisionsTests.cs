using Halley.Client.Agent.Schedules;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using static Halley.Client.Tests.Schedules.SampleProfile;

namespace Halley.Client.Tests.Schedules;

/// <summary>What starts when. The memory is that of one machine; a test moves its clock.</summary>
public class ScheduleDecisionsTests
{
    private const long Hour = 3600;
    private const long Day = 24 * Hour;
    private readonly ScheduleMemory _memory = new();
    private readonly Random _random = new(11);

    [Fact]
    public void A_rule_starts_once_at_each_of_its_times()
    {
        var profile = With(Daily(14));
        profile.BackupRules[Rule].Schedules.Add(Daily(14));

        Assert.Empty(Look(profile, Noon));
        Assert.Empty(Look(profile, Noon + (2 * Hour) - 1));
        Assert.Equal([Rule], Look(profile, Noon + (2 * Hour)));
        Assert.Empty(Look(profile, Noon + (2 * Hour) + 1));
        Assert.Equal([Rule], Look(profile, Noon + Day + (2 * Hour) + 30));
    }

    [Fact]
    public void The_zone_is_that_of_the_device()
    {
        var profile = With(Daily(14));
        profile.Devices[Device].DeviceTimezone = "America/New_York";

        Assert.Empty(Look(profile, Noon));
        Assert.Empty(Look(profile, Noon + (2 * Hour)));
        Assert.Equal([Rule], Look(profile, Noon + (7 * Hour)));
    }

    [Fact]
    public void Rules_of_other_devices_of_vaults_that_are_gone_and_of_suspended_accounts_never_start()
    {
        foreach (var change in new Action<UserProfileConfig>[]
        {
            profile => profile.Sources["item"].OwnerDevice = "another", profile => profile.Destinations.Clear(),
            profile => profile.Sources.Clear(), profile => profile.IsSuspended = true,
        })
        {
            var profile = With(Daily(14));
            change(profile);
            _memory.CheckedUntil = Noon;

            Assert.Empty(Look(profile, Noon + (2 * Hour), ScheduleOccasion.Back));
        }
    }

    [Theory]
    [InlineData(600, 0, 0)]
    [InlineData(0, 600, 0)]
    [InlineData(0, 0, 600)]
    public void A_start_waits_for_its_random_delay(ulong ofRule, ulong ofPolicy, ulong ofServer)
    {
        var profile = With(Daily(14, ofRule));
        (profile.Policy.RandomDelaySecs, profile.ServerConfig.RandomDelaySecs) = (ofPolicy, ofServer);
        var due = Noon + (2 * Hour);
        var delays = new HashSet<long>();
        for (var day = 0; day < 10; day++, due += Day)
        {
            Look(profile, due - 1);
            var delay = Enumerable.Range(0, 601).First(second => Look(profile, due + second).Count > 0);
            delays.Add(delay);
        }

        Assert.True(delays.Count > 5, string.Join(' ', delays));
    }

    [Fact]
    public void A_random_delay_does_not_lead_out_of_the_window()
    {
        var schedule = Daily(14, 18_000);
        (schedule.RestrictRuntime, schedule.FromTime.Hour, schedule.ToTime.Hour, schedule.ToTime.Minutes) = (true, 13, 14, 10);
        var due = Noon + (2 * Hour);
        for (var day = 0; day < 20; day++, due += Day)
        {
            Look(With(schedule), due - 1);

            Assert.Contains(Enumerable.Range(0, 660), second => Look(With(schedule), due + second).Count > 0);
        }
    }

    [Fact]
    public void A_missed_run_is_made_up_for_when_the_rule_says_so_and_the_agent_is_back()
    {
        foreach (var makesUp in new[] { true, false })
        {
            var profile = With(Daily(14));
            profile.BackupRules[Rule].EventTriggers.OnPCBootIfLastJobMissed = makesUp;
            _memory.CheckedUntil = Noon;

            Assert.Equal(makesUp ? [Rule] : [], Look(profile, Noon + (9 * Hour), ScheduleOccasion.Back));
            Assert.Empty(Look(profile, Noon + (9 * Hour) + 60, ScheduleOccasion.Back));
        }
    }

    [Fact]
    public void A_missed_run_waits_for_an_occasion_and_is_forgotten_after_the_next_run()
    {
        var profile = With(Daily(14));
        Look(profile, Noon);
        Look(profile, Noon + (9 * Hour));
        profile.BackupRules[Rule].EventTriggers.OnPCBootIfLastJobMissed = true;

        Assert.Empty(Look(profile, Noon + (9 * Hour) + 60));
        Assert.Equal([Rule], Look(profile, Noon + Day + (2 * Hour)));
        Assert.Empty(Look(profile, Noon + Day + (3 * Hour), ScheduleOccasion.Back));
    }

    [Fact]
    public void A_start_within_a_quarter_of_an_hour_is_on_time()
    {
        var profile = With(Daily(14));
        _memory.CheckedUntil = Noon;
        Assert.Equal([Rule], Look(profile, Noon + (2 * Hour) + (15 * 60), ScheduleOccasion.Back));

        _memory.CheckedUntil = Noon + Day;
        Assert.Empty(Look(profile, Noon + Day + (2 * Hour) + (15 * 60) + 2));
        Assert.True(_memory.Rules[Rule].WasMissed);
    }

    [Fact]
    public void A_start_that_waited_for_its_delay_while_the_machine_was_off_is_missed()
    {
        var profile = With(Daily(14, 3600));
        profile.BackupRules[Rule].EventTriggers.OnPCBootIfLastJobMissed = true;
        Look(profile, Noon);
        Look(profile, Noon + (2 * Hour));

        Assert.Equal([Rule], Look(profile, Noon + (8 * Hour), ScheduleOccasion.Back));
        Assert.Empty(Look(profile, Noon + (8 * Hour) + 60, ScheduleOccasion.Back));
    }

    [Fact]
    public void A_rule_was_not_due_before_it_was_made()
    {
        var profile = With(Daily(14));
        (profile.BackupRules[Rule].CreateTime, profile.BackupRules[Rule].EventTriggers.OnPCBootIfLastJobMissed) = (Noon + (3 * Hour), true);
        _memory.CheckedUntil = Noon;

        Assert.Empty(Look(profile, Noon + (4 * Hour), ScheduleOccasion.Back));
    }

    [Fact]
    public void The_start_of_the_machine_starts_rules_that_ask_for_it()
    {
        var profile = With();
        profile.BackupRules[Rule].EventTriggers.OnPCBoot = true;

        Assert.Empty(Look(profile, Noon, ScheduleOccasion.Back));
        Assert.Equal([Rule], Look(profile, Noon + 60, ScheduleOccasion.Back | ScheduleOccasion.Boot));
        Assert.Empty(Look(profile, Noon + 120));
    }

    [Theory]
    [InlineData(JobStatus.Error, true)]
    [InlineData(JobStatus.TimedOut, true)]
    [InlineData(JobStatus.Success, false)]
    [InlineData(JobStatus.Warning, false)]
    [InlineData(JobStatus.Cancelled, false)]
    [InlineData(JobStatus.QuotaExceeded, false)]
    [InlineData(JobStatus.Skipped, false)]
    public void What_failed_is_tried_again_as_often_as_the_rule_says(JobStatus status, bool isRetried)
    {
        var profile = With(Daily(14));
        Retries(profile, count: 2, minutes: 10);
        Look(profile, Noon);
        var now = Noon + (2 * Hour);
        Assert.Equal([Rule], Look(profile, now));
        for (var retry = 0; retry < 2; retry++, now += 600)
        {
            End(profile, status, now);
            Assert.Empty(Look(profile, now + 599));
            Assert.Equal(isRetried ? [Rule] : [], Look(profile, now + 600));
        }

        End(profile, status, now);
        Assert.Empty(Look(profile, now + (2 * Hour)));
        Assert.Equal([Rule], Look(profile, Noon + Day + (2 * Hour)));
        End(profile, status, Noon + Day + (2 * Hour));
        Assert.Equal(isRetried ? [Rule] : [], Look(profile, Noon + Day + (3 * Hour)));
    }

    [Theory]
    [InlineData(1, true, true)]
    [InlineData(2, false, false)]
    [InlineData(3, false, true)]
    [InlineData(4, true, false)]
    public void A_policy_forces_retries_on_or_off(long mode, bool ofRule, bool expected)
    {
        var profile = With();
        profile.BackupRules[Rule].EventTriggers.OnLastJobFailDoRetry = ofRule;
        profile.Policy.ModeScheduleLastJobFailDoRetry = mode;

        var retry = RetryRule.Of(profile.BackupRules[Rule].EventTriggers, profile.Policy);

        Assert.Equal(expected ? new RetryRule(1, TimeSpan.FromMinutes(30)) : null, retry);
    }

    [Fact]
    public void A_scheduled_start_takes_the_place_of_a_retry()
    {
        var profile = With(Daily(14));
        Retries(profile, count: 1, minutes: 24 * 60);
        Look(profile, Noon);
        Look(profile, Noon + (2 * Hour));
        End(profile, JobStatus.Error, Noon + (2 * Hour) + 1);

        Assert.Equal([Rule], Look(profile, Noon + Day + (2 * Hour)));
        Assert.Empty(Look(profile, Noon + Day + (2 * Hour) + 1));
    }

    [Fact]
    public void What_is_due_once_never_runs_twice_whatever_the_clock_does()
    {
        var profile = With(Once(Noon + Hour));
        Look(profile, Noon);
        Assert.Equal([Rule], Look(profile, Noon + Hour));

        Assert.Empty(Look(profile, Noon - Day));
        Assert.Empty(Look(profile, Noon + Hour));
        Assert.Empty(Look(profile, Noon + Hour, ScheduleOccasion.Back));
        profile.BackupRules[Rule].Schedules = [Once(Noon + (2 * Hour))];
        Assert.Equal([Rule], Look(profile, Noon + (2 * Hour)));
    }

    [Fact]
    public void A_clock_that_was_years_ahead_stops_no_schedule()
    {
        var profile = With(Daily(14, 3600));
        Retries(profile, count: 1, minutes: 10);
        Look(profile, Noon + (3650 * Day));
        Look(profile, Noon + (3650 * Day) + (2 * Hour));
        End(profile, JobStatus.Error, Noon + (3650 * Day) + (2 * Hour));

        Assert.Equal([Rule], Look(profile, Noon)); // at once what waited for a time of the wrong clock
        Assert.Empty(Look(profile, Noon + (2 * Hour) - 1));
        Assert.Contains(Enumerable.Range(0, 3601), second => Look(profile, Noon + (2 * Hour) + second).Count > 0);
    }

    [Fact]
    public void A_clock_that_is_corrected_by_a_minute_repeats_nothing()
    {
        var profile = With(Daily(14));
        Look(profile, Noon);
        Assert.Equal([Rule], Look(profile, Noon + (2 * Hour)));

        Assert.Empty(Look(profile, Noon + (2 * Hour) - 60));
        Assert.Empty(Look(profile, Noon + (2 * Hour) + 60));
    }

    [Fact]
    public void The_next_look_is_at_the_next_time_and_within_a_minute()
    {
        var profile = With(Daily(14));
        Look(profile, Noon);

        Assert.Equal(Noon + 60, Decisions(profile).NextLook(Noon));
        Assert.Equal(Noon + (2 * Hour), Decisions(profile).NextLook(Noon + (2 * Hour) - 10));
    }

    private static void Retries(UserProfileConfig profile, ulong count, ulong minutes) =>
        profile.BackupRules[Rule].EventTriggers = new BackupRuleEventTriggers
        {
            OnLastJobFailDoRetry = true,
            LastJobFailDoRetryCount = count,
            LastJobFailDoRetryTime = minutes,
        };

    private ScheduleDecisions Decisions(UserProfileConfig profile) => new(profile, Device, _memory, _random);

    private IReadOnlyList<string> Look(UserProfileConfig profile, long now, ScheduleOccasion occasion = ScheduleOccasion.None) =>
        Decisions(profile).Look(now, occasion);

    private void End(UserProfileConfig profile, JobStatus status, long now) => Decisions(profile).End(Rule, status, now);
}
