namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>The filters of a listing of jobs, as they stand in the address; what is not given does not filter.</summary>
/// <param name="User">Name of the account.</param>
/// <param name="Organization">Id of the organization, empty for the top level.</param>
/// <param name="Device">Id of the device.</param>
/// <param name="Status">Status, such as 5000.</param>
/// <param name="Classification">Kind of job, such as 4001.</param>
/// <param name="From">Started at this Unix second or later.</param>
/// <param name="To">Started before this Unix second.</param>
/// <param name="Search">A search clause of the vendor's kind, as JSON.</param>
/// <param name="After"><c>next</c> of the page before.</param>
/// <param name="Limit">Most jobs of the page, up to 1000; 100 when it is not given.</param>
internal sealed record JobQuery(
    string? User, string? Organization, string? Device, long? Status, long? Classification, long? From, long? To, string? Search, string? After, int? Limit);
