namespace Halley.Server.Periodic;

/// <summary>Which of several instances run a job.</summary>
internal enum RunsAt
{
    /// <summary>Each for itself: what it keeps fresh is its own.</summary>
    EveryInstance,

    /// <summary>The one that holds the lease for periodic work: what it does is done for all.</summary>
    OneInstance,

    /// <summary>Not here: its class is there for who asks, and nothing runs it.</summary>
    NoInstance,
}
