using System.Diagnostics;

namespace Halley.Testing;

/// <summary>The server as a process of its own, for exit codes, standard error and the console block.</summary>
public sealed class ServerProgram : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly Lock _writing = new();
    private readonly List<string> _lines = [];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.BeginOutputReadLine();
    }

    /// <summary>The address on which the server reports that it listens.</summary>
    public Uri Address => new(Lines.First(line => line.Contains("Address", StringComparison.Ordinal)).Trim().Split(' ')[^1]);

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_writing)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Runs it to its end, as a command or because it refuses to start.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string workingDirectory, string[] arguments, string? input = null, Dictionary<string, string>? environment = null)
    {
        using var process = Start(workingDirectory, arguments, environment);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }

        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Starts it and waits until it has shown its block on the console.</summary>
    public static async Task<ServerProgram> StartAsync(string workingDirectory, params string[] arguments)
    {
        var server = new ServerProgram(Start(workingDirectory, ["--urls", "http://127.0.0.1:0", .. arguments], null));
        try
        {
            await server._started.Task.WaitAsync(Limit);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a signal, for example 1 for SIGHUP.</summary>
    public void Signal(int signal) => _ = NativeKill(_process.Id, signal);

    public bool IsRunning => !_process.HasExited;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Start(string workingDirectory, string[] arguments, Dictionary<string, string>? environment)
    {
        // Tests that run under nohup would have it ignore the signal that some of them send.
        var start = new ProcessStartInfo("env", ["--default-signal=HUP", "dotnet", Checkout.ServerAssembly, .. arguments])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment ?? [])
        {
            start.Environment[key] = value;
        }

        return Process.Start(start)!;
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            _started.TrySetException(new InvalidOperationException($"The server ended: {_process.StandardError.ReadToEnd()}"));
            return;
        }

        lock (_writing)
        {
            _lines.Add(line);
        }

        // The block's last line follows its title at once, so an empty line after it ends the block.
        if (line.Length == 0 && Lines.Any(earlier => earlier.Contains("Halley is running", StringComparison.Ordinal)))
        {
            _started.TrySetResult();
        }
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "kill")]
    [System.Runtime.InteropServices.DefaultDllImportSearchPaths(System.Runtime.InteropServices.DllImportSearchPath.SafeDirectories)]
    private static extern int NativeKill(int processId, int signal);
}
