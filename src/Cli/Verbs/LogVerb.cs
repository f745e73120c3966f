using System.CommandLine;
using Halley.Cli.Accounts;
using Halley.Cli.Output;
using Halley.Client.Agent.Jobs;

namespace Halley.Cli.Verbs;

/// <summary><c>halley log</c></summary>
internal static class LogVerb
{
    private static readonly Argument<string> Job = new("JOB")
    {
        Description = "Id of the job, or the beginning of it; latest for the newest job",
    };

    public static Verb Create()
    {
        var verb = new Verb(
            "log", "Print the log of a job of this machine, as the server has it.", "halley log latest", "halley log 0193a2f1 --json")
        {
            Job,
        };
        verb.OnRun((context, _) => Task.FromResult(Run(context)));
        return verb;
    }

    private static int Run(VerbContext context)
    {
        var archive = new JobArchive(AccountAccess.State);
        var name = context.Get(Job)!;
        var found = name == "latest"
            ? archive.Read().Take(1).ToList()
            : archive.Read().Where(job => job.GUID.StartsWith(name, StringComparison.OrdinalIgnoreCase)).Take(2).ToList();
        var job = found switch
        {
            [var one] => one,
            [] => throw new CommandException($"This machine has no job '{name}'. Run `halley jobs` to see its jobs."),
            _ => throw new CommandException($"Several jobs begin with '{name}'. Give more of the id."),
        };
        foreach (var entry in archive.ReadLog(Guid.ParseExact(job.GUID, "D")))
        {
            context.Terminal.Print($"{JobText.Time(entry.Time)} [{entry.Severity}] {Terminal.Printable(entry.Message)}");
            context.Terminal.Json(new JobLine(entry.Time, entry.Severity, entry.Message), MessageJson.Default.JobLine);
        }

        return ExitCode.Success;
    }
}
