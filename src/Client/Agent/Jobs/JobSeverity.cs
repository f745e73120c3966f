namespace Halley.Client.Agent.Jobs;

/// <summary>How serious a line of a job's log is.</summary>
public enum JobSeverity
{
    /// <summary>A detail for the search for errors.</summary>
    Debug,

    /// <summary>What was done.</summary>
    Info,

    /// <summary>Something is not as it should be; the job goes on.</summary>
    Warning,

    /// <summary>Something was not done.</summary>
    Error,
}
