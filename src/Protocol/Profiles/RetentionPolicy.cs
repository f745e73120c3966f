using Halley.Protocol.Comet;

namespace Halley.Protocol.Profiles;

/// <summary>Which snapshots are kept: all, or those that at least one range keeps.</summary>
public class RetentionPolicy : CometDocument
{
    /// <summary>Keeps all snapshots.</summary>
    public const long KeepAll = 801;

    /// <summary>Keeps the snapshots of <see cref="Ranges"/> and deletes the others.</summary>
    public const long KeepRanges = 802;

    /// <summary><see cref="KeepAll"/> or <see cref="KeepRanges"/>.</summary>
    public long Mode { get; set; }
    public List<RetentionRange> Ranges { get; set; } = [];
}

/// <summary>One rule that keeps snapshots; <see cref="Type"/> 900 to 911 tells which of the numbers count.</summary>
public class RetentionRange : CometDocument
{
    /// <summary>
    /// 900 the last jobs, 901 newer than, 902 since, 903 first of each day, 905 of the month, 906 of the week, 911 of the year;
    /// 907 to 910 last of day, week, month and year.
    /// </summary>
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
