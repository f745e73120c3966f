using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Halley.Testing;

/// <summary>A program that runs until the test ends it. Its output is kept for the message of a failing test.</summary>
public sealed class OwnedProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private const int KeptLines = 2000;

    private static readonly TimeSpan ExitDeadline = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private OwnedProcess(Process process)
    {
        _process = process;
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => string.Join('\n', _lines);

    public static OwnedProcess Start(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var owned = new OwnedProcess(process);
        process.OutputDataReceived += owned.Keep;
        process.ErrorDataReceived += owned.Keep;
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return owned;
    }

    /// <summary>
    /// Waits for <paramref name="condition"/>. If the program ends meanwhile, it fails at once with the program's output.
    /// </summary>
    public async Task WaitUntilAsync(string what, TimeSpan deadline, Func<Task<bool>> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        try
        {
            await Eventually.HoldsAsync(what, deadline, () => HasExited
                ? throw new InvalidOperationException($"{_process.StartInfo.FileName} ended with {_process.ExitCode} before: {what}")
                : condition());
        }
        catch (Exception failure) when (failure is TimeoutException or InvalidOperationException)
        {
            throw new InvalidOperationException($"{failure.Message}\n{Output}", failure);
        }
    }

    /// <summary>Waits until it has exited and all of its output is in <see cref="Output"/>, and returns its exit code.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan deadline)
    {
        using var timeout = new CancellationTokenSource(deadline);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} still runs after {deadline.TotalSeconds} s:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>Ends it the way an operator does (SIGTERM) and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!HasExited)
        {
            _ = NativeKill(_process.Id, Terminate);
        }

        using var timeout = new CancellationTokenSource(ExitDeadline);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            throw new TimeoutException($"{_process.StartInfo.FileName} ignored SIGTERM for {ExitDeadline.TotalSeconds} s:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>Ends it and its children the way a power cut does (SIGKILL).</summary>
    public async Task KillAsync()
    {
        if (!HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
        {
            return;
        }

        _lines.Enqueue(line.Data);
        if (_lines.Count > KeptLines)
        {
            _lines.TryDequeue(out _);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeKill(int processId, int signal);
}
