namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>The filters of a list of jobs in the query string; null does not filter.</summary>
internal sealed record JobQuery
{
    /// <summary>Name of the account.</summary>
    public string? User { get; init; }

    /// <summary>Id of the organization, empty for the top level.</summary>
    public string? Organization { get; init; }

    /// <summary>Id of the device.</summary>
    public string? Device { get; init; }

    /// <summary>Status, such as 5000.</summary>
    public long? Status { get; init; }

    /// <summary>Kind of job, such as 4001.</summary>
    public long? Classification { get; init; }

    /// <summary>Started at this Unix second or later.</summary>
    public long? From { get; init; }

    /// <summary>Started before this Unix second.</summary>
    public long? To { get; init; }

    /// <summary>A search clause of the vendor's kind, as JSON.</summary>
    public string? Search { get; init; }

    /// <summary><c>next</c> of the page before.</summary>
    public string? After { get; init; }

    /// <summary>Most jobs of the page, up to 1000; 100 when it is not given.</summary>
    public int? Limit { get; init; }
}
