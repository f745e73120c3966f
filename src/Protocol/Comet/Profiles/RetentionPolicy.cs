namespace Halley.Protocol.Comet;

/// <summary>Which snapshots are kept: all (801), or those that at least one range keeps (802).</summary>
public class RetentionPolicy : CometDocument
{
    public long Mode { get; set; }
    public List<RetentionRange> Ranges { get; set; } = [];
}

/// <summary>One rule that keeps snapshots; <see cref="Type"/> 900 to 911 tells which of the numbers count.</summary>
public class RetentionRange : CometDocument
{
    /// <summary>900 last jobs, 901 newer than, 902 since, 903 first of each day, 905 first of month, 906 first of week, 911 first of year, 907 to 910 last of day, week, month, year.</summary>
    public long Type { get; set; }

    /// <summary>Unix seconds; 0 is never.</summary>
    public long Timestamp { get; set; }

    public long Jobs { get; set; }
    public long Days { get; set; }
    public long Weeks { get; set; }
    public long Months { get; set; }
    public long Years { get; set; }
    public long WeekOffset { get; set; }
    public long MonthOffset { get; set; }
    public long YearOffset { get; set; }
}
