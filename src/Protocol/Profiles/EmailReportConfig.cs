using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;

namespace Halley.Protocol.Profiles;

/// <summary>A report: of what kind (0 at once, 1 summary, 2 grouped, 3 recent activity), when, and about which jobs.</summary>
public class EmailReportConfig : CometDocument
{
    public long ReportType { get; set; }
    public List<ScheduleConfig> SummaryFrequency { get; set; } = [];

    public ReportTimeSpan TimeSpan { get; set; } = new();

    public SearchClause Filter { get; set; } = new();
}
