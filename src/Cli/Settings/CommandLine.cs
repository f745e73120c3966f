using System.Text;

namespace Halley.Cli.Settings;

/// <summary>Splits a command into words as a shell does: at spaces outside of quotes, with backslash for the next character.</summary>
internal static class CommandLine
{
    public static IReadOnlyList<string> Split(string command)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (quote, hasWord) = ('\0', false);
        for (var i = 0; i < command.Length; i++)
        {
            var character = command[i];
            if (quote == '\0' && char.IsWhiteSpace(character))
            {
                if (hasWord)
                {
                    words.Add(word.ToString());
                }

                (word, hasWord) = (word.Clear(), false);
                continue;
            }

            hasWord = true;
            if (character == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && character is '"' or '\'')
            {
                quote = character;
            }
            else if (character == '\\' && quote != '\'' && i + 1 < command.Length)
            {
                word.Append(command[++i]);
            }
            else
            {
                word.Append(character);
            }
        }

        if (quote != '\0')
        {
            throw new CommandException($"A quotation mark in '{command}' is not closed.");
        }

        return hasWord ? [.. words, word.ToString()] : words;
    }
}
