namespace Halley.Server.Periodic;

/// <summary>The instances that run a job.</summary>
internal enum RunsAt
{
    /// <summary>Every instance: the job refreshes the instance's own state.</summary>
    EveryInstance,

    /// <summary>The instance that holds the lease for periodic work: it does the work for all.</summary>
    OneInstance,

    /// <summary>No instance: the class is registered for other callers, but nothing runs it.</summary>
    NoInstance,
}
