using System.Globalization;
using System.Net;
using System.Text;
using Halley.Protocol.Jobs;
using Halley.Server.AuthRole.BackupJobs;

namespace Halley.Server.AuthRole.Reports;

/// <summary>A report, ready to be sent: the same content twice, as HTML without external content and as plain text.</summary>
internal sealed record Report(string Subject, string Html, string Text);

/// <summary>
/// Writes the four kinds of report. Each is a heading, a few lines and tables, which are written as HTML and as plain text.
/// </summary>
internal static class ReportWriting
{
    public const long AtOnce = 0;
    public const long Summary = 1;
    public const long Grouped = 2;
    public const long RecentActivity = 3;

    /// <summary>Most rows of a table; the others are counted.</summary>
    private const int MostRows = 500;

    public static Report Write(long type, ReportSubject subject) => type switch
    {
        AtOnce => WriteOne(subject, subject.Jobs.Count > 0 ? subject.Jobs[0] : new BackupJobDetail()),
        Grouped => WriteGroups(subject),
        RecentActivity => WriteRecent(subject),
        _ => WriteSummary(subject),
    };

    private static Report WriteOne(ReportSubject subject, BackupJobDetail job)
    {
        var (source, device, status) = (subject.Source(job), subject.Device(job), JobStatusNames.NameOf(job.Status));
        return Compose(
            $"{job.Classification}: {status} – {source} ({job.Username}, {device})",
            $"{job.Classification} of {source}: {status}",
            [],
            [new Table("",
            [
                ["Account", job.Username],
                ["Device", device],
                ["Protected item", source],
                ["Vault", subject.Vault(job)],
                ["Status", status],
                ["Started", subject.Time(job.StartTime)],
                ["Ended", job.EndTime == 0 ? "–" : subject.Time(job.EndTime)],
                ["Files", Count(job.TotalFiles)],
                ["Size", Size(job.TotalSize)],
                ["Uploaded", Size(job.UploadSize)],
                ["Downloaded", Size(job.DownloadSize)],
            ])]);
    }

    private static Report WriteSummary(ReportSubject subject) => Compose(
        $"Backup summary of {subject.Owner}: {Totals(subject.Jobs)}",
        $"Summary of {subject.Owner}",
        Period(subject),
        [new Table("Jobs", [Head, .. subject.Jobs.Select(job => Row(subject, job))])]);

    private static Report WriteGroups(ReportSubject subject) => Compose(
        $"Backup status of {subject.Owner}: {Totals(subject.Jobs)}",
        $"Status of {subject.Owner}",
        Period(subject),
        [.. subject.Jobs.GroupBy(job => JobStatusNames.NameOf(job.Status))
            .OrderByDescending(group => group.Max(job => (long)job.Status))
            .Select(group => new Table($"{group.Key}: {group.Count()}", [Head, .. group.Select(job => Row(subject, job))]))]);

    // The last jobs of each protected item, so that an item whose backups have stopped is seen, too.
    private static Report WriteRecent(ReportSubject subject) => Compose(
        $"Recent backups of {subject.Owner}: {Totals(subject.Jobs)}",
        $"Recent activity of {subject.Owner}",
        Period(subject),
        [.. subject.Jobs.GroupBy(job => (job.Username, job.DeviceID, job.SourceGUID))
            .OrderBy(group => group.Key.Username, StringComparer.Ordinal)
            .Select(group => new Table(
                $"{group.Key.Username} / {subject.Device(group.First())} / {subject.Source(group.First())}",
                [Head, .. group.Take(10).Select(job => Row(subject, job))]))]);

    private static string[] Head => ["Started", "Account", "Device", "Protected item", "Kind", "Status", "Size", "Uploaded"];

    private static string[] Row(ReportSubject subject, BackupJobDetail job) =>
    [
        subject.Time(job.StartTime), job.Username, subject.Device(job), subject.Source(job), $"{job.Classification}",
        JobStatusNames.NameOf(job.Status),
        Size(job.TotalSize),
        Size(job.UploadSize),
    ];

    private static string[] Period(ReportSubject subject) =>
        [$"{subject.Time(subject.From)} to {subject.Time(subject.To)} ({subject.Zone.Id})", Totals(subject.Jobs)];

    private static string Totals(IReadOnlyList<BackupJobDetail> jobs) => jobs.Count == 0
        ? "no jobs"
        : string.Join(", ", jobs.GroupBy(job => JobStatusNames.NameOf(job.Status)).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}")));

    private static Report Compose(string subject, string heading, IReadOnlyList<string> lines, IReadOnlyList<Table> tables)
    {
        var html = new StringBuilder("<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head>")
            .Append("<body style=\"font-family:sans-serif;color:#222\">");
        var text = new StringBuilder(Plain(heading)).Append('\n').Append('=', Math.Min(heading.Length, 70)).Append("\n\n");
        html.Append("<h2>").Append(Encode(heading)).Append("</h2>");
        foreach (var line in lines)
        {
            html.Append("<p>").Append(Encode(line)).Append("</p>");
            text.Append(Plain(line)).Append('\n');
        }

        foreach (var table in tables)
        {
            table.Write(html, text);
        }

        // A line break in a subject would start another header.
        return new Report(Plain(subject), html.Append("</body></html>").ToString(), text.ToString());
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(Plain(text));

    private static string Plain(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter));

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1024 && unit < units.Length - 1)
        {
            (value, unit) = (value / 1024, unit + 1);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {units[unit]}");
    }

    private sealed record Table(string Title, IReadOnlyList<string[]> Rows)
    {
        public void Write(StringBuilder html, StringBuilder text)
        {
            if (Title.Length > 0)
            {
                html.Append("<h3>").Append(Encode(Title)).Append("</h3>");
                text.Append('\n').Append(Plain(Title)).Append('\n');
            }

            html.Append("<table cellpadding=\"4\" style=\"border-collapse:collapse\">");
            foreach (var row in Rows.Take(MostRows))
            {
                html.Append("<tr>");
                foreach (var cell in row)
                {
                    html.Append("<td style=\"border:1px solid #ccc\">").Append(Encode(cell)).Append("</td>");
                }

                html.Append("</tr>");
                text.AppendJoin(" | ", row.Select(Plain)).Append('\n');
            }

            html.Append("</table>");
            if (Rows.Count > MostRows)
            {
                var more = string.Create(CultureInfo.InvariantCulture, $"… and {Rows.Count - MostRows} more");
                html.Append("<p>").Append(Encode(more)).Append("</p>");
                text.Append(more).Append('\n');
            }
        }
    }
}
