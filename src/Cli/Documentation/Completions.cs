using System.CommandLine;
using System.Text;

namespace Halley.Cli.Documentation;

/// <summary>Scripts that make shells complete commands and options.</summary>
internal static class Completions
{
    public static string Bash(RootCommand root)
    {
        var text = new StringBuilder();
        text.Append("# bash completion for halley; written by `halley completion bash`\n_halley() {\n");
        text.Append("    local current=${COMP_WORDS[COMP_CWORD]} verb= words= word\n");
        text.Append("    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n        case \"$verb $word\" in\n");
        foreach (var command in AllBelow(root))
        {
            text.Append($"            \"{WordsOf(ParentOf(command))} {command.Name}\") verb=\"{WordsOf(command)}\" ;;\n");
        }

        text.Append("        esac\n    done\n    case $verb in\n");
        foreach (var command in AllBelow(root).Prepend(root))
        {
            text.Append($"        \"{WordsOf(command)}\") words=\"{string.Join(' ', NamesIn(command))}\" ;;\n");
        }

        text.Append("    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n");
        text.Append("    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$current\"))\n}\n");
        text.Append("complete -o filenames -F _halley halley\n");
        return text.ToString();
    }

    public static string Zsh(RootCommand root)
    {
        var text = new StringBuilder();
        text.Append("#compdef halley\n# zsh completion for halley; written by `halley completion zsh`\n");
        text.Append("_halley() {\n    local verb= word\n");
        text.Append("    for word in \"${words[@]:1:CURRENT-2}\"; do\n        case \"$verb $word\" in\n");
        foreach (var command in AllBelow(root))
        {
            text.Append($"            \"{WordsOf(ParentOf(command))} {command.Name}\") verb=\"{WordsOf(command)}\" ;;\n");
        }

        text.Append("        esac\n    done\n    local -a found\n    case $verb in\n");
        foreach (var command in AllBelow(root).Prepend(root))
        {
            text.Append($"        \"{WordsOf(command)}\") found=(\n");
            foreach (var (name, description) in DescribedIn(command))
            {
                text.Append($"            '{ForZsh(name)}:{ForZsh(description)}'\n");
            }

            text.Append("        ) ;;\n");
        }

        text.Append("    esac\n    _describe halley found\n    _files\n}\n_halley \"$@\"\n");
        return text.ToString();
    }

    public static string Fish(RootCommand root)
    {
        var text = new StringBuilder();
        text.Append("# fish completion for halley; written by `halley completion fish`\n");
        foreach (var command in AllBelow(root))
        {
            var condition = ConditionOf(ParentOf(command));
            text.Append($"complete -c halley -n '{condition}' -a {command.Name} -d '{ForFish(command.Description)}'\n");
        }

        foreach (var command in AllBelow(root).Prepend(root))
        {
            var options = command is RootCommand ? CommandSheet.SharedOptionsOf(command) : CommandSheet.OwnOptionsOf(command);
            foreach (var option in options)
            {
                var names = string.Join(' ', CommandSheet.NamesOf(option).Select(NameForFish));
                var condition = command is RootCommand ? "" : $" -n '{ConditionOf(command)}'";
                var value = CommandSheet.TakesValue(option) ? " -r" : "";
                text.Append($"complete -c halley{condition} {names}{value} -d '{ForFish(option.Description)}'\n");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<Command> AllBelow(Command command) =>
        command.Subcommands.Where(verb => !verb.Hidden).SelectMany(verb => AllBelow(verb).Prepend(verb));

    private static Command ParentOf(Command command) => command.Parents.OfType<Command>().First();

    private static string NameForFish(string name) =>
        name.StartsWith("--", StringComparison.Ordinal) ? $"-l {name[2..]}" : $"-s {name[1..]}";

    private static string WordsOf(Command command) =>
        command is RootCommand ? "" : CommandSheet.NameOf(command)[(HalleyCommand.Name.Length + 1)..];

    private static IEnumerable<string> NamesIn(Command command) => DescribedIn(command).Select(entry => entry.Name);

    private static IEnumerable<(string Name, string Description)> DescribedIn(Command command) =>
        command.Subcommands.Where(verb => !verb.Hidden).Select(verb => (verb.Name, verb.Description ?? ""))
            .Concat(CommandSheet.OwnOptionsOf(command).Concat(CommandSheet.SharedOptionsOf(command)).SelectMany(
                option => CommandSheet.NamesOf(option).Select(name => (name, option.Description ?? ""))));

    private static string ConditionOf(Command command)
    {
        var seen = WordsOf(command).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => $"__fish_seen_subcommand_from {word}");
        var below = command.Subcommands.Count > 0
            ? [$"not __fish_seen_subcommand_from {string.Join(' ', command.Subcommands.Select(verb => verb.Name))}"]
            : Array.Empty<string>();
        return string.Join("; and ", seen.Concat(below));
    }

    private static string ForZsh(string text) =>
        text.Replace("'", "'\\''", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);

    private static string ForFish(string? text) =>
        (text ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
}
