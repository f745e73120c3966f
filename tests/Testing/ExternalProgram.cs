using System.Diagnostics;
using System.Text;

namespace Halley.Testing;

/// <summary>The result of a program that has ended.</summary>
public sealed record ProgramRun(string CommandLine, int ExitCode, string StandardOutput, string StandardError, TimeSpan Duration)
{
    public string Output => StandardOutput + StandardError;

    /// <summary>Throws with everything the program said unless it ended with 0.</summary>
    public ProgramRun EnsureSuccess() => ExitCode == 0
        ? this
        : throw new InvalidOperationException($"`{CommandLine}` ended with {ExitCode} after {Duration.TotalSeconds:0.0} s:\n{Output}");
}

/// <summary>Runs a program to its end.</summary>
public static class ExternalProgram
{
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromMinutes(5);

    public static async Task<ProgramRun> RunAsync(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        string? workingDirectory = null,
        TimeSpan? deadline = null,
        Func<string, bool>? stopAtLine = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var commandLine = $"{Path.GetFileName(program)} {string.Join(' ', start.ArgumentList)}";
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        process.StandardInput.Close();
        void Stop()
        {
            process.Kill(entireProcessTree: true);
        }

        var standardOutput = ReadAsync(process.StandardOutput, stopAtLine, Stop);
        var standardError = ReadAsync(process.StandardError, stopAtLine, Stop);
        using var timeout = new CancellationTokenSource(deadline ?? DefaultDeadline);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Stop();
            throw new TimeoutException(
                $"`{commandLine}` was still running after {clock.Elapsed.TotalSeconds:0} s:\n{await standardOutput}{await standardError}");
        }

        return new ProgramRun(commandLine, process.ExitCode, await standardOutput, await standardError, clock.Elapsed);
    }

    private static async Task<string> ReadAsync(StreamReader reader, Func<string, bool>? stopAtLine, Action stop)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync() is { } line)
        {
            text.AppendLine(line);
            if (stopAtLine?.Invoke(line) == true)
            {
                stop();
            }
        }

        return text.ToString();
    }
}
