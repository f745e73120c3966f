using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Running;

/// <summary>
/// The commands of a protected item, its vault and its backup rule. Anything on standard error, or an exit code other than 0, is a warning
/// of the job, and the job goes on.
/// </summary>
/// <param name="item">The protected item.</param>
/// <param name="vault">The vault.</param>
/// <param name="rule">The backup rule; null for a backup without one.</param>
internal sealed class HookCommands(SourceConfig item, DestinationConfig vault, BackupRuleConfig? rule)
{
    // Even a job that was cancelled lets its commands undo what those before have done.
    private static readonly TimeSpan LongestAfterStop = TimeSpan.FromSeconds(10);

    /// <summary>Before the backup: those of the item, the vault and the rule.</summary>
    public Task RunBeforeAsync(JobWork work) =>
        RunAsync(work, "before", [.. item.PreExec, .. vault.PreExec, .. rule?.PreExec ?? []], work.Stopped);

    /// <summary>When everything was read, or will not be read: those of the item, the vault and the rule.</summary>
    public Task RunThawAsync(JobWork work) =>
        RunLastAsync(work, "thaw", [.. item.ThawExec, .. vault.ThawExec, .. rule?.ThawExec ?? []]);

    /// <summary>After the backup, however it ended: those of the rule, the vault and the item.</summary>
    public Task RunAfterAsync(JobWork work) =>
        RunLastAsync(work, "after", [.. rule?.PostExec ?? [], .. vault.PostExec, .. item.PostExec]);

    private static async Task RunLastAsync(JobWork work, string kind, IReadOnlyList<string> commands)
    {
        if (commands.Count == 0)
        {
            return;
        }

        using var end = new CancellationTokenSource();
        await using var limit = work.Stopped.Register(() => end.CancelAfter(LongestAfterStop));
        try
        {
            await RunAsync(work, kind, commands, end.Token);
        }
        catch (OperationCanceledException)
        {
            work.Warn($"The job was stopped, and the {kind} commands were ended because they took longer than "
                + $"{LongestAfterStop.TotalSeconds:0} seconds.");
        }
    }

    private static async Task RunAsync(JobWork work, string kind, IReadOnlyList<string> commands, CancellationToken cancellationToken)
    {
        foreach (var command in commands.Where(command => command.Trim().Length > 0))
        {
            work.Info($"Running the {kind} command: {command}");
            try
            {
                var code = await ShellCommand.RunAsync(command, work.Info, work.Warn, cancellationToken);
                if (code != 0)
                {
                    work.Warn($"The {kind} command exited with {code}: {command}");
                }
            }
            catch (IOException error)
            {
                work.Warn($"The {kind} command was not run: {command}. {error.Message}");
            }
        }
    }
}
