using System.CommandLine;
using Halley.Cli.Documentation;

namespace Halley.Cli.Verbs;

/// <summary><c>halley completion bash|zsh|fish</c>, and <c>man</c> for the manual.</summary>
internal static class CompletionVerb
{
    private static readonly Argument<string> Kind = new("SHELL") { Description = "bash, zsh or fish; man for the manual page" };

    public static Verb Create(RootCommand root)
    {
        var verb = new Verb(
            "completion", "Print a completion script for a shell, or the manual page.",
            "halley completion bash > /etc/bash_completion.d/halley", "halley completion man > /usr/local/share/man/man1/halley.1")
        {
            Kind,
        };
        verb.OnRun((context, _) =>
        {
            Console.Out.Write(context.Get(Kind) switch
            {
                "bash" => Completions.Bash(root),
                "zsh" => Completions.Zsh(root),
                "fish" => Completions.Fish(root),
                "man" => Manual.Of(root),
                var other => throw new CommandException($"There is nothing for '{other}'. Use bash, zsh, fish or man."),
            });
            return Task.FromResult(ExitCode.Success);
        });
        return verb;
    }
}
