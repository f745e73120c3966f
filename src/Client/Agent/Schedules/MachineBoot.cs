using System.Globalization;

namespace Halley.Client.Agent.Schedules;

/// <summary>Tells starts of this machine apart.</summary>
internal static class MachineBoot
{
    private const string LinuxFile = "/proc/sys/kernel/random/boot_id";
    private const int Grain = 10;

    /// <summary>A text that is the same until the machine starts again.</summary>
    public static string Id(TimeProvider time)
    {
        if (OperatingSystem.IsLinux() && File.Exists(LinuxFile))
        {
            return File.ReadAllText(LinuxFile).Trim();
        }

        // Both clocks are read one after the other, so that seconds would differ between two calls.
        var started = time.GetUtcNow() - TimeSpan.FromMilliseconds(Environment.TickCount64);
        return (started.ToUnixTimeSeconds() / Grain).ToString(CultureInfo.InvariantCulture);
    }
}
