using System.Globalization;

namespace Halley.Benchmarks.Peers;

/// <summary>What a process and its children have cost so far.</summary>
/// <param name="Cpu">User and system time of all of them.</param>
/// <param name="PeakBytes">Sum of the most memory each ever had resident.</param>
internal sealed record ProcessCost(TimeSpan Cpu, long PeakBytes)
{
    private const int TicksPerSecond = 100;

    // Places in /proc/PID/stat, counted after the name in parentheses, which may hold spaces.
    private const int ParentField = 1;
    private const int FirstTimeField = 11;
    private const int TimeFields = 4;

    public static ProcessCost Of(int processId)
    {
        var ids = new[] { processId }.Concat(ChildrenOf(processId)).ToList();
        var ticks = ids.Sum(id => StatOf(id) is { } stat
            ? stat.Skip(FirstTimeField).Take(TimeFields).Sum(field => long.Parse(field, CultureInfo.InvariantCulture))
            : 0);
        return new ProcessCost(TimeSpan.FromSeconds((double)ticks / TicksPerSecond), ids.Sum(ProcessMemory.PeakBytesOf));
    }

    private static IEnumerable<int> ChildrenOf(int parent) =>
        from directory in Directory.EnumerateDirectories("/proc")
        where int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out _)
        let id = int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture)
        where StatOf(id) is { } stat && stat[ParentField] == parent.ToString(CultureInfo.InvariantCulture)
        select id;

    private static string[]? StatOf(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            // It ended between the look at the directory and the look at it.
            return null;
        }
    }
}
