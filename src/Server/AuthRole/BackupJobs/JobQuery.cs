using Microsoft.AspNetCore.Mvc;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>The filters of a list of jobs in the query string; null does not filter.</summary>
internal sealed record JobQuery
{
    /// <summary>Name of the account.</summary>
    [FromQuery(Name = "user")]
    public string? User { get; init; }

    /// <summary>Id of the organization, empty for the top level.</summary>
    [FromQuery(Name = "organization")]
    public string? Organization { get; init; }

    /// <summary>Id of the device.</summary>
    [FromQuery(Name = "device")]
    public string? Device { get; init; }

    /// <summary>Status, such as 5000.</summary>
    [FromQuery(Name = "status")]
    public long? Status { get; init; }

    /// <summary>Kind of job, such as 4001.</summary>
    [FromQuery(Name = "classification")]
    public long? Classification { get; init; }

    /// <summary>Started at this Unix second or later.</summary>
    [FromQuery(Name = "from")]
    public long? From { get; init; }

    /// <summary>Started before this Unix second.</summary>
    [FromQuery(Name = "to")]
    public long? To { get; init; }

    /// <summary>A search clause of the vendor's kind, as JSON.</summary>
    [FromQuery(Name = "search")]
    public string? Search { get; init; }

    /// <summary><c>next</c> of the page before.</summary>
    [FromQuery(Name = "after")]
    public string? After { get; init; }

    /// <summary>Most jobs of the page, up to 1000; 100 when it is not given.</summary>
    [FromQuery(Name = "limit")]
    public int? Limit { get; init; }
}
