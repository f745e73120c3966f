using System.Globalization;

namespace Halley.Testing;

/// <summary>Memory of a process of this machine, as the kernel counts it.</summary>
public static class ProcessMemory
{
    /// <summary>The most it ever had resident.</summary>
    public static long PeakBytesOf(int processId) => Read(processId, "VmHWM:");

    /// <summary>
    /// The most it ever had of its own, without the pages of program files. Those count as resident although all processes share them, and
    /// how many there are depends on what else on the machine has just read the same files.
    /// </summary>
    public static long PeakOwnBytesOf(int processId) => PeakBytesOf(processId) - Read(processId, "RssFile:");

    /// <summary>Its resident memory now.</summary>
    public static long BytesOf(int processId) => Read(processId, "VmRSS:");

    private static long Read(int processId, string field)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
    }
}
