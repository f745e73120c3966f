using Halley.Protocol.Comet;

namespace Halley.Protocol.Profiles;

/// <summary>A point in time that comes again, in the time zone of the device.</summary>
public class ScheduleConfig : CometDocument
{
    /// <summary>
    /// One of <see cref="ScheduleFrequencies"/>: 8010 once, 8011 daily, 8012 hourly, 8013 weekly, 8014 monthly, 8015 periodic, 8016 yearly.
    /// </summary>
    public ulong FrequencyType { get; set; }

    /// <summary>Seconds after the start of the period; Unix seconds for once; the length of a period for periodic.</summary>
    public ulong SecondsPast { get; set; }

    /// <summary>Seconds after the epoch at which periods begin.</summary>
    [OmitEmpty]
    public long Offset { get; set; }

    public bool RestrictRuntime { get; set; }
    public HourSchedConfig FromTime { get; set; } = new();
    public HourSchedConfig ToTime { get; set; } = new();
    public bool RestrictDays { get; set; }
    public DaysOfWeekConfig DaysSelect { get; set; } = new();

    /// <summary>Seconds, up to 18000.</summary>
    [OmitEmpty]
    public ulong RandomDelaySecs { get; set; }

    public ulong SelectedMonth { get; set; }
    public ulong SelectedDay { get; set; }
}

/// <summary>Values of <see cref="ScheduleConfig.FrequencyType"/>.</summary>
public static class ScheduleFrequencies
{
    /// <summary>Once, at the Unix seconds of <see cref="ScheduleConfig.SecondsPast"/>.</summary>
    public const ulong Once = 8010;

    /// <summary>Daily.</summary>
    public const ulong Daily = 8011;

    /// <summary>Hourly.</summary>
    public const ulong Hourly = 8012;

    /// <summary>Weekly, from Sunday.</summary>
    public const ulong Weekly = 8013;

    /// <summary>Monthly.</summary>
    public const ulong Monthly = 8014;

    /// <summary>Whenever as many seconds have passed as <see cref="ScheduleConfig.SecondsPast"/> says.</summary>
    public const ulong Periodic = 8015;

    /// <summary>Yearly, in the selected month and on the selected day.</summary>
    public const ulong Yearly = 8016;
}

/// <summary>A time of day.</summary>
public class HourSchedConfig : CometDocument
{
    public ulong Hour { get; set; }
    public ulong Minutes { get; set; }
}

/// <summary>Days of the week.</summary>
public class DaysOfWeekConfig : CometDocument
{
    public bool Sunday { get; set; }
    public bool Monday { get; set; }
    public bool Tuesday { get; set; }
    public bool Wednesday { get; set; }
    public bool Thursday { get; set; }
    public bool Friday { get; set; }
    public bool Saturday { get; set; }
}

/// <summary>A length of time for reports.</summary>
public class ReportTimeSpan : CometDocument
{
    public ulong FrequencyType { get; set; }
    public long Seconds { get; set; }
}
