using System.Globalization;

namespace Halley.Testing;

/// <summary>
/// How long the threads of a process were ready to run while others had the processors; next to nothing on an idle machine.
/// </summary>
public static class ProcessorWait
{
    public static TimeSpan Of(int processId)
    {
        var nanoseconds = 0L;
        foreach (var thread in Directory.EnumerateDirectories($"/proc/{processId}/task"))
        {
            try
            {
                // Time on a processor, time in line for one, number of turns.
                var fields = File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ');
                nanoseconds += long.Parse(fields[1], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread has ended: its waiting time counts as the program's own time.
            }
        }

        return TimeSpan.FromMicroseconds(nanoseconds / 1000.0);
    }
}
