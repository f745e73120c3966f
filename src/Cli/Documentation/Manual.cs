using System.CommandLine;
using System.Text;

namespace Halley.Cli.Documentation;

/// <summary>The manual page, in the language of man.</summary>
internal static class Manual
{
    private static readonly (string Code, string Meaning)[] ExitCodes =
    [
        ("0", "It succeeded."), ("1", "It failed, or found damage."), ("3", "A backup was made, but some files could not be read."),
        ("10", "There is no vault at the address."), ("11", "The vault is locked by another program."), ("12", "The password is wrong."),
        ("130", "It was interrupted."),
    ];

    private static readonly (string Name, string Meaning)[] Variables =
    [
        ("HALLEY_REPOSITORY, HALLEY_REPOSITORY_FILE", "Address of the vault, or the file that holds it."),
        ("HALLEY_PASSWORD, HALLEY_PASSWORD_FILE, HALLEY_PASSWORD_COMMAND",
            "Password of the vault, the file that holds it, or the program that prints it."),
        ("HALLEY_REST_USERNAME, HALLEY_REST_PASSWORD",
            "Name and key for the server if the address has none. The name defaults to that of the bucket."),
        ("HALLEY_CACHE_DIR, HALLEY_COMPRESSION, HALLEY_PACK_SIZE, HALLEY_KEY_HINT, HALLEY_HOST, HALLEY_READ_CONCURRENCY",
            "Same as the options of these names."),
        ("HALLEY_PROXY",
            "Proxy for connections to servers: http://, https:// or socks5://HOST:PORT, or none. Default: HTTPS_PROXY, HTTP_PROXY and "
            + "ALL_PROXY, without the hosts in NO_PROXY."),
        ("HALLEY_PROGRESS_FPS", "How many times per second progress is shown, also in logs."),
    ];

    public static string Of(RootCommand root)
    {
        var text = new StringBuilder();
        text.Append($".TH HALLEY 1 \"\" \"halley {HalleyCommand.Version}\"\n");
        text.Append($".SH NAME\nhalley \\- {Escape(root.Description!.TrimEnd('.').ToLowerInvariant())}\n");
        text.Append(".SH SYNOPSIS\n.B halley\n[OPTIONS] COMMAND [ARGUMENTS]\n");
        text.Append(".SH DESCRIPTION\nA vault is a restic repository. restic and halley can use it at the same time.\n");
        text.Append(".SH OPTIONS OF ALL COMMANDS\n");
        AddOptions(text, CommandSheet.SharedOptionsOf(root));
        text.Append(".SH COMMANDS\n");
        AddCommands(text, root);
        text.Append(".SH EXIT STATUS\n");
        AddList(text, ExitCodes);
        text.Append(".SH ENVIRONMENT\nrestic's variables, such as RESTIC_REPOSITORY, work as well; HALLEY_ variables take precedence.\n");
        AddList(text, Variables);
        text.Append(".SH SEE ALSO\n.BR restic (1)\n");
        return text.ToString();
    }

    private static void AddCommands(StringBuilder text, Command parent)
    {
        foreach (var command in parent.Subcommands.Where(verb => !verb.Hidden))
        {
            text.Append($".SS {Escape(CommandSheet.UsageOf(command))}\n{Escape(command.Description ?? "")}\n");
            AddList(text, command.Arguments.Select(argument => (CommandSheet.LabelOf(argument), argument.Description ?? "")));
            AddOptions(text, CommandSheet.OwnOptionsOf(command));
            if (CommandSheet.ExamplesOf(command) is { Count: > 0 } examples)
            {
                text.Append(".PP\nExamples:\n.nf\n.RS\n");
                foreach (var example in examples)
                {
                    text.Append($"{Escape(example)}\n");
                }

                text.Append(".RE\n.fi\n");
            }

            AddCommands(text, command);
        }
    }

    private static void AddOptions(StringBuilder text, IEnumerable<Option> options) =>
        AddList(text, options.Select(option => (CommandSheet.LabelOf(option), option.Description ?? "")));

    private static void AddList(StringBuilder text, IEnumerable<(string Label, string Description)> entries)
    {
        foreach (var (label, description) in entries)
        {
            text.Append($".TP\n.B {Escape(label)}\n{Escape(description)}\n");
        }
    }

    private static string Escape(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? $"\\&{escaped}" : escaped;
    }
}
