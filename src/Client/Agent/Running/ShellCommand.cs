using System.ComponentModel;
using System.Diagnostics;

namespace Halley.Client.Agent.Running;

/// <summary>Command lines, which the shell of the system runs.</summary>
internal static class ShellCommand
{
    private const string Windows = "cmd.exe";
    private const string Unix = "/bin/sh";

    // A service that the command has started keeps the outputs open for as long as it runs.
    private static readonly TimeSpan LastLines = TimeSpan.FromSeconds(2);

    /// <summary>Starts a command line with its outputs redirected and nothing as its input.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static Process Start(string command, string directory)
    {
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo(Windows) { Arguments = $"/d /s /c \"{command}\"" }
            : new ProcessStartInfo(Unix, ["-c", command]);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.UseShellExecute = false;
        start.CreateNoWindow = true;
        start.WorkingDirectory = directory;
        try
        {
            var process = Process.Start(start) ?? throw new IOException("The shell cannot be started.");
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception error)
        {
            throw new IOException($"It cannot be started{(directory.Length > 0 ? $" in {directory}" : "")}: {error.Message}", error);
        }
    }

    /// <summary>Runs a command line to its end.</summary>
    /// <param name="command">The command line.</param>
    /// <param name="onLine">Receives each line of standard output, in order.</param>
    /// <param name="onErrorLine">Receives each line of standard error, in order; at the same time as the other.</param>
    /// <param name="cancellationToken">Ends it with all that it started.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static async Task<int> RunAsync(
        string command, Action<string> onLine, Action<string> onErrorLine, CancellationToken cancellationToken)
    {
        using var process = Start(command, directory: "");
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lines = Task.WhenAll(
            ReadLinesAsync(process.StandardOutput, onLine, reading.Token),
            ReadLinesAsync(process.StandardError, onErrorLine, reading.Token));
        try
        {
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode;
        }
        finally
        {
            End(process);
            reading.CancelAfter(LastLines);
            await lines;
        }
    }

    /// <summary>Reads lines to the end, or until it is cancelled.</summary>
    public static async Task ReadLinesAsync(StreamReader reader, Action<string> onLine, CancellationToken cancellationToken)
    {
        try
        {
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.Trim().Length > 0)
                {
                    onLine(line.TrimEnd());
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process has ended, and what it left behind writes no more lines of this command.
        }
    }

    /// <summary>Kills a process that runs, with all that it started.</summary>
    public static void End(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
