using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text;

namespace Halley.Cli.Documentation;

/// <summary>What <c>--help</c> prints.</summary>
internal sealed class HelpText : SynchronousCommandLineAction
{
    private const int Width = 100;
    private const int LongestLabel = 34;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Console.Out.Write(Of(parseResult.CommandResult.Command));
        return ExitCode.Success;
    }

    public static string Of(Command command)
    {
        var text = new StringBuilder();
        text.AppendLine(string.Join('\n', Wrap(command.Description ?? "", Width))).AppendLine();
        text.AppendLine("Usage:").AppendLine($"  {CommandSheet.UsageOf(command)}");
        AddSection(text, "Commands", command.Subcommands.Where(verb => !verb.Hidden).Select(verb => (verb.Name, verb.Description ?? "")));
        AddSection(text, "Arguments", command.Arguments.Select(argument => (CommandSheet.LabelOf(argument), argument.Description ?? "")));
        AddSection(text, "Options", RowsOf(CommandSheet.OwnOptionsOf(command)));
        AddSection(text, "Options of all commands", RowsOf(CommandSheet.SharedOptionsOf(command)));
        if (CommandSheet.ExamplesOf(command) is { Count: > 0 } examples)
        {
            text.AppendLine().AppendLine("Examples:");
            foreach (var example in examples)
            {
                text.AppendLine($"  {example}");
            }
        }

        if (command.Subcommands.Count > 0)
        {
            text.AppendLine().AppendLine($"`{CommandSheet.NameOf(command)} COMMAND --help` says more about a command.");
        }

        return text.ToString();
    }

    private static IEnumerable<(string Label, string Description)> RowsOf(IEnumerable<Option> options) =>
        options.Select(option => (CommandSheet.LabelOf(option), option.Description ?? ""));

    private static void AddSection(StringBuilder text, string title, IEnumerable<(string Label, string Description)> rows)
    {
        var lines = rows.ToList();
        if (lines.Count == 0)
        {
            return;
        }

        text.AppendLine().AppendLine($"{title}:");
        var column = Math.Min(LongestLabel, lines.Max(line => line.Label.Length)) + 4;
        foreach (var (label, description) in lines)
        {
            var begin = $"  {label}".PadRight(column);
            foreach (var part in Wrap(description, Width - column))
            {
                text.AppendLine(begin.Length > column ? begin : $"{begin}{part}");
                if (begin.Length > column)
                {
                    text.AppendLine($"{new string(' ', column)}{part}");
                }

                begin = new string(' ', column);
            }
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        yield return line.ToString();
    }
}
