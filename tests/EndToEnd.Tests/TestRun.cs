using System.Globalization;
using System.Runtime.Versioning;
using Xunit.Abstractions;

// Processes, signals, mounts and file modes of the machine are what is tested.
[assembly: SupportedOSPlatform("linux")]

// A client and its server seldom want both cores at the same time; three scenarios at once would only wait for each other.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]

namespace Halley.EndToEnd.Tests;

/// <summary>What was asked of this run by environment variables.</summary>
internal static class TestRun
{
    /// <summary>True in the slow part of the suite (<c>tests/run.sh --slow</c>).</summary>
    public static bool IsSlow => Environment.GetEnvironmentVariable("HALLEY_SLOW_TESTS") == "1";

    /// <summary>How often a scenario kills something; <c>HALLEY_TEST_KILLS</c> says another number.</summary>
    public static int KillsOr(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable("HALLEY_TEST_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : usual;

    /// <summary>A generator whose seed is in the test's output; <c>HALLEY_TEST_SEED</c> repeats a run.</summary>
    public static Random Randomness(ITestOutputHelper output)
    {
        var given = Environment.GetEnvironmentVariable("HALLEY_TEST_SEED");
        var seed = given is null ? Environment.TickCount : int.Parse(given, CultureInfo.InvariantCulture);
        output.WriteLine($"HALLEY_TEST_SEED={seed}");
        return new Random(seed);
    }
}
