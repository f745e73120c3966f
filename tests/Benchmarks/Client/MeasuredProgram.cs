using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Halley.Benchmarks.Client;

/// <summary>What one run of a program cost.</summary>
/// <param name="Cpu">User and system time of it and its children.</param>
/// <param name="Wall">Time by the clock.</param>
/// <param name="PeakBytes">The most memory that it had resident, as far as a look every few milliseconds shows it.</param>
internal readonly record struct ProgramCost(TimeSpan Cpu, TimeSpan Wall, long PeakBytes);

/// <summary>A backup program in a process of its own for each call. One call at a time: the kernel counts the children together.</summary>
/// <param name="name">Its column in the table.</param>
/// <param name="path">The program.</param>
/// <param name="arguments">Arguments that come before all others.</param>
/// <param name="environment">Variables that it is started with.</param>
internal sealed class MeasuredProgram(
    string name, string path, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
{
    private const int Children = -1; // RUSAGE_CHILDREN
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);

    public string Name => name;

    /// <summary>Runs a command to its end; throws with its own words when it fails.</summary>
    public async Task<ProgramCost> RunAsync(params string[] command)
    {
        var start = new ProcessStartInfo(path, [.. arguments, .. command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (variable, value) in environment)
        {
            start.Environment[variable] = value;
        }

        var (before, clock, peak) = (CpuOfChildren(), Stopwatch.StartNew(), 0L);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{path} did not start.");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        while (!process.WaitForExit(LookEvery))
        {
            peak = Math.Max(peak, PeakOf(process.Id));
        }

        var cost = new ProgramCost(CpuOfChildren() - before, clock.Elapsed, peak);
        var text = await output + await errors;
        return process.ExitCode == 0
            ? cost
            : throw new InvalidOperationException($"`{name} {string.Join(' ', command)}` ended with {process.ExitCode}:\n{text}");
    }

    private static long PeakOf(int process)
    {
        const string Field = "VmHWM:";
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(line[Field.Length..].TrimEnd('k', 'B', ' '), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it has just ended
        }
    }

    private static TimeSpan CpuOfChildren()
    {
        var usage = new long[18];
        return GetUsage(Children, usage) == 0
            ? TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3])
            : throw new InvalidOperationException("The kernel does not say what the children have cost.");
    }

    [DllImport("libc", EntryPoint = "getrusage")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetUsage(int who, [In, Out] long[] usage);
}
