using System.CommandLine;
using System.CommandLine.Help;

namespace Halley.Cli.Documentation;

/// <summary>What the definitions of a command say: for the help, the manual and the completions, which therefore never differ.</summary>
internal static class CommandSheet
{
    /// <summary>The words that call it: <c>halley key add</c>.</summary>
    public static string NameOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{NameOf(parent)} {command.Name}" : HalleyCommand.Name;

    public static string UsageOf(Command command)
    {
        var parts = command.Arguments.Select(LabelOf).Prepend("[OPTIONS]").Prepend(NameOf(command));
        return string.Join(' ', command.Subcommands.Count > 0 ? parts.Append("COMMAND") : parts);
    }

    public static string LabelOf(Argument argument)
    {
        var many = argument.Arity.MaximumNumberOfValues > 1 ? $"{argument.Name}..." : argument.Name;
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{many}]" : many;
    }

    /// <summary>The names of an option, the short one first, and what it takes.</summary>
    public static string LabelOf(Option option) => string.Join(", ", NamesOf(option)) + (TakesValue(option) ? $" {ValueOf(option)}" : "");

    public static IEnumerable<string> NamesOf(Option option) => option.Aliases.Append(option.Name).OrderBy(name => name.Length);

    public static bool TakesValue(Option option) => option.ValueType != typeof(bool) && option is not HelpOption;

    /// <summary>The word for what an option takes.</summary>
    public static string ValueOf(Option option) => option.HelpName ?? "VALUE";

    /// <summary>Options of this command alone.</summary>
    public static IEnumerable<Option> OwnOptionsOf(Command command) =>
        command is RootCommand ? [] : command.Options.Where(option => !option.Hidden);

    /// <summary>Options of all commands, where they have a meaning.</summary>
    public static IEnumerable<Option> SharedOptionsOf(Command command) => RootOf(command).Options.Where(option => !option.Hidden);

    public static IReadOnlyList<string> ExamplesOf(Command command) => command is Verb verb ? verb.Examples : [];

    private static Command RootOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? RootOf(parent) : command;
}
