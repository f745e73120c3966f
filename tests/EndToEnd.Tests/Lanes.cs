namespace Halley.EndToEnd.Tests;

/// <summary>Which scenarios run beside others. Every other class is a lane of its own; each scenario has its own server, port and directories.</summary>
public static class Lanes
{
    /// <summary>All tests of pages, one after the other: half of the run's work, so it lasts as long as everything else.</summary>
    public const string Pages = "pages";

    /// <summary>When nothing else of this project runs, because time is measured.</summary>
    public const string Alone = "alone";
}

[CollectionDefinition(Lanes.Alone, DisableParallelization = true)]
public sealed class AloneLane;
