using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Halley.Cli.Settings;

namespace Halley.Cli.Output;

/// <summary>
/// Standard output and standard error: results, messages, and on a terminal the lines that show how far the work is. For all threads.
/// </summary>
/// <param name="isJson">Whether programs read the output.</param>
/// <param name="verbosity">0 for quiet, 1 as usual, 2 and 3 for more.</param>
internal sealed class Terminal(bool isJson, int verbosity) : IDisposable
{
    private const int WidthOfAnything = 80;

    private static readonly TimeSpan OnTerminals = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan InLogs = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private int _shown;

    public bool IsJson => isJson;

    public bool IsQuiet => verbosity == 0;

    /// <summary>True when each file is reported.</summary>
    public bool IsDetailed => verbosity >= 3;

    /// <summary>How often the work tells how far it is; null for never.</summary>
    public TimeSpan? ProgressEvery { get; } =
        Variables.Get("PROGRESS_FPS") is { } text && double.TryParse(text, out var perSecond) && perSecond > 0
            ? TimeSpan.FromSeconds(1 / Math.Min(perSecond, 60))
            : verbosity == 0 ? null
            : isJson || !Console.IsOutputRedirected ? OnTerminals
            : InLogs;

    /// <summary>A result, which is printed even when quiet; not for JSON.</summary>
    public void Print(string line)
    {
        if (!isJson)
        {
            Write(Console.Out, line);
        }
    }

    /// <summary>A message for people.</summary>
    public void Say(string line)
    {
        if (verbosity >= 1)
        {
            Print(line);
        }
    }

    /// <summary>A message for people who want to know more.</summary>
    public void Detail(string line)
    {
        if (verbosity >= 2)
        {
            Print(line);
        }
    }

    /// <summary>A warning, on standard error.</summary>
    public void Warn(string message)
    {
        if (isJson)
        {
            Json(new ErrorMessage(new ErrorText(message), "", ""), MessageJson.Default.ErrorMessage, Console.Error);
        }
        else
        {
            Write(Console.Error, Printable(message));
        }
    }

    /// <summary>A path that is not as it should be, on standard error.</summary>
    public void Warn(string during, string path, string message)
    {
        if (isJson)
        {
            Json(new ErrorMessage(new ErrorText(message), during, path), MessageJson.Default.ErrorMessage, Console.Error);
        }
        else
        {
            Write(Console.Error, Printable($"{path}: {message}"));
        }
    }

    /// <summary>The reason why the command ends.</summary>
    public void Fail(Failure failure)
    {
        if (isJson)
        {
            Json(new ExitError(failure.ExitCode, failure.Message), MessageJson.Default.ExitError, Console.Error);
        }
        else
        {
            Write(Console.Error, $"halley: {Printable(failure.Message)}");
        }
    }

    /// <summary>A message for programs; nothing unless they read the output.</summary>
    public void Json<T>(T message, JsonTypeInfo<T> type)
    {
        if (isJson)
        {
            Json(message, type, Console.Out);
        }
    }

    /// <summary>As <see cref="Json{T}(T, JsonTypeInfo{T})"/>, on standard error.</summary>
    public void JsonError<T>(T message, JsonTypeInfo<T> type)
    {
        if (isJson)
        {
            Json(message, type, Console.Error);
        }
    }

    /// <summary>How far the work is: replaces what it showed before, or is a line of a log.</summary>
    public void Show(params ReadOnlySpan<string> lines)
    {
        lock (_gate)
        {
            Erase();
            if (Console.IsOutputRedirected)
            {
                Console.Out.WriteLine(lines[0]);
                return;
            }

            foreach (var line in lines)
            {
                var width = Math.Max(10, Width() - 1);
                var text = Printable(line);
                Console.Out.WriteLine(text.Length <= width ? text : $"{text[..(width / 2)]}…{text[^((width / 2) - 1)..]}");
            }

            _shown = lines.Length;
        }
    }

    /// <summary>Text from elsewhere, with characters that would control a terminal replaced.</summary>
    public static string Printable(string text) =>
        text.AsSpan().ContainsAnyInRange('\0', '\x1f') || text.AsSpan().ContainsAnyInRange('\x7f', '\x9f')
        ? string.Create(text.Length, text, static (printable, text) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                printable[i] = char.IsControl(text[i]) ? '\uFFFD' : text[i];
            }
        })
        : text;

    public void Dispose()
    {
        lock (_gate)
        {
            Erase();
        }
    }

    private void Json<T>(T message, JsonTypeInfo<T> type, TextWriter writer) => Write(writer, JsonSerializer.Serialize(message, type));

    private void Write(TextWriter writer, string line)
    {
        lock (_gate)
        {
            Erase();
            writer.WriteLine(line);
        }
    }

    private void Erase()
    {
        for (; _shown > 0; _shown--)
        {
            Console.Out.Write("\x1b[1A\x1b[2K\r");
        }
    }

    private static int Width()
    {
        try
        {
            return Console.WindowWidth > 0 ? Console.WindowWidth : WidthOfAnything;
        }
        catch (IOException)
        {
            return WidthOfAnything;
        }
    }
}
