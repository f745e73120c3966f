using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Halley.Cli.Documentation;
using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Cli.Verbs;

namespace Halley.Cli;

/// <summary>The verbs, and how a command line is understood.</summary>
internal static class HalleyCommand
{
    public const string Name = "halley";

    public static string Version { get; } = typeof(HalleyCommand).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>How it introduces itself to servers.</summary>
    public static string ProductToken => $"{Name}/{Version}";

    /// <summary>All verbs, in the order of the help.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand(
            "Back up to an encrypted vault on a Halley server, a restic REST server or a disk, and restore from it.");
        root.Options.Clear();
        root.Directives.Clear();
        root.Add(new HelpOption("--help", "-h") { Recursive = true, Description = "Show help", Action = new HelpText() });
        foreach (var option in SharedOptions.All)
        {
            option.Recursive = true;
            root.Add(option);
        }

        Command[] verbs =
        [
            InitVerb.Create(), BackupVerb.Create(), SnapshotsVerb.Create(), LsVerb.Create(), FindVerb.Create(), DiffVerb.Create(),
            RestoreVerb.Create(), DumpVerb.Create(), StatsVerb.Create(), TagVerb.Create(), ForgetVerb.Create(), PruneVerb.Create(),
            CopyVerb.Create(), CheckVerb.Create(), RepairVerb.Create(), ReindexVerb.Create(), UnlockVerb.Create(), KeyVerb.Create(),
            CacheVerb.Create(), LoginVerb.Create(), LogoutVerb.Create(), StatusVerb.Create(), PasswordVerb.Create(), VaultVerb.Create(),
            AgentVerb.Create(), JobsVerb.Create(), LogVerb.Create(), ImportVerb.Create(),
            UpdateVerb.Create(), VersionVerb.Create(), CompletionVerb.Create(root),
        ];
        foreach (var verb in verbs)
        {
            root.Add(verb);
        }

        return root;
    }

    public static async Task<int> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var root = Create();
        var parsed = root.Parse([.. SharedOptions.WriteOutVerbosity(arguments)]);
        if (parsed.Action is not HelpText && ProblemOf(parsed) is { } problem)
        {
            using var terminal = new Terminal(parsed.GetValue(SharedOptions.Json), SharedOptions.VerbosityOf(parsed));
            terminal.Fail(
                new(ExitCode.Failure, $"{problem.TrimEnd('.')}. See `{CommandSheet.NameOf(parsed.CommandResult.Command)} --help`."));
            return ExitCode.Failure;
        }

        return await parsed.InvokeAsync(
            new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellationToken);
    }

    private static string? ProblemOf(ParseResult parsed)
    {
        // An option that nobody knows would otherwise be taken for a path. Behind -- everything is an argument.
        var before = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).ToHashSet(ReferenceEqualityComparer.Instance);
        var unknown = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .FirstOrDefault(token => token.Value is ['-', _, ..] && before.Contains(token));
        return unknown is not null ? $"Unknown option {unknown.Value}"
            : parsed.UnmatchedTokens is [var first, ..] ? $"Unknown argument '{first}'"
            : parsed.Errors.Count == 0 ? null
            : parsed.CommandResult.Command.Subcommands.Count > 0 ? "No command was given"
            : parsed.Errors[0].Message;
    }
}
