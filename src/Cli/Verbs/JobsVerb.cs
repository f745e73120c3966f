using System.CommandLine;
using Halley.Cli.Accounts;
using Halley.Cli.Output;
using Halley.Client.Agent.Jobs;
using Halley.Protocol.Jobs;

namespace Halley.Cli.Verbs;

/// <summary><c>halley jobs</c></summary>
internal static class JobsVerb
{
    private const int ShownUnlessSet = 20;

    private static readonly Option<int?> Latest = new("--latest")
    {
        Description = $"Show the newest N (default: {ShownUnlessSet})",
        HelpName = "N",
    };

    public static Verb Create()
    {
        var verb = new Verb(
            "jobs", "List the jobs that the agent of this machine runs or has run, the newest first.",
            "halley jobs", "halley jobs --latest 100 --json")
        {
            Latest,
        };
        verb.OnRun((context, _) => Task.FromResult(Run(context)));
        return verb;
    }

    private static int Run(VerbContext context)
    {
        var jobs = new JobArchive(AccountAccess.State).Read().Take(context.Get(Latest) ?? ShownUnlessSet).ToList();
        var table = new Table("Started", "Kind", "Status", "Duration", "Files", "Size", "Uploaded", "ID");
        foreach (var job in jobs)
        {
            table.Add(
                JobText.Time(job.StartTime), JobText.KindOf(job.Classification), JobText.StatusOf(job.Status), JobText.Duration(job),
                $"{job.TotalFiles}", Text.Bytes(job.TotalSize), Text.Bytes(job.UploadSize), job.GUID);
        }

        if (jobs.Count > 0)
        {
            table.PrintTo(context.Terminal);
        }

        context.Terminal.Print(Text.CountOrHint(
            jobs.Count, "job", "jobs", "The agent makes them: sudo systemctl enable --now halley-agent, or halley agent"));
        context.Terminal.Json([.. jobs.Select(ObjectOf)], MessageJson.Default.IReadOnlyListJobObject);
        return ExitCode.Success;
    }

    private static JobObject ObjectOf(BackupJobDetail job) => new(
        job.GUID, (long)job.Classification, JobText.KindOf(job.Classification), (long)job.Status, JobText.StatusOf(job.Status),
        job.StartTime, job.EndTime == 0 ? null : job.EndTime, job.SourceGUID, job.DestinationGUID, job.SnapshotID, job.TotalFiles,
        job.TotalSize, job.UploadSize, job.DownloadSize);
}
