using System.Security.Claims;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs.Search;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary><c>/api/v2/jobs</c> for administrators. Records are the vendor's BackupJobDetail in both APIs.</summary>
internal static class JobsApi
{
    private const int DefaultLimit = 100;
    private const int MaximumLimit = 1000;

    public static void MapJobs(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Jobs").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.Jobs, ListAsync).Produces<Page<BackupJobDetail>>();
        group.MapGet(Routes.Job, GetAsync).Produces<BackupJobDetail>();
        group.MapGet(Routes.JobLog, GetLogAsync);
        group.MapPost(Routes.CancelJob, CancelAsync);
        group.MapPost(Routes.AbandonJob, AbandonAsync).Produces<BackupJobDetail>();
    }

    private static async Task<Results<Ok<Page<StoredJob>>, ProblemHttpResult>> ListAsync(
        [AsParameters] JobQuery query, ClaimsPrincipal caller, JobList jobs, CancellationToken cancellationToken)
    {
        var count = query.Limit ?? DefaultLimit;
        if (count is < 1 or > MaximumLimit)
        {
            return Problems.BadRequest("limit_invalid", $"limit must be from 1 to {MaximumLimit}.");
        }

        var scope = ScopeOf(caller);
        if (query.Organization is { } organization)
        {
            if (scope.Tenant.Narrow(organization) is not { } tenant)
            {
                return TypedResults.Ok(new Page<StoredJob>([], Next: null));
            }

            scope = scope with { Tenant = tenant };
        }

        if (!TryReadFilter(query, jobs, out var filter, out var refusal))
        {
            return refusal!;
        }

        var found = await jobs.PageAsync(scope, filter, count + 1, cancellationToken);
        return TypedResults.Ok(new Page<StoredJob>(
            [.. found.Take(count).Select(job => new StoredJob(job.Document))], found.Count > count ? JobFilter.TokenOf(found[count - 1]) : null));
    }

    private static async Task<Results<Ok<StoredJob>, ProblemHttpResult>> GetAsync(
        Guid jobId, ClaimsPrincipal caller, JobList jobs, CancellationToken cancellationToken) =>
        await jobs.FindAsync(ScopeOf(caller), jobId.ToString(), cancellationToken) is { } job
            ? TypedResults.Ok(new StoredJob(job.Document))
            : Refuse(JobChange.NotFound);

    private static async Task<Results<JsonHttpResult<IAsyncEnumerable<JobEntry>>, ProblemHttpResult>> GetLogAsync(
        Guid jobId, string? minSeverity, string? contains, ClaimsPrincipal caller, JobList jobs, JobLogs logs, CancellationToken cancellationToken)
    {
        if (minSeverity is { Length: > 0 } && JobLogs.Rank(minSeverity) < 0)
        {
            return Problems.BadRequest("severity_invalid", "minSeverity must be D, I, W or E.");
        }

        return await jobs.FindAsync(ScopeOf(caller), jobId.ToString(), cancellationToken) is { } job
            ? TypedResults.Json(logs.ReadAsync(job.Id, Math.Max(0, JobLogs.Rank(minSeverity ?? "")), contains ?? "", cancellationToken), CometJson.Options)
            : Refuse(JobChange.NotFound);
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> CancelAsync(
        Guid jobId, ClaimsPrincipal caller, JobRegistry registry, CancellationToken cancellationToken)
    {
        var change = await registry.CancelAsync(ScopeOf(caller), username: "", jobId.ToString(), cancellationToken);
        return change.Result == JobChangeResult.Done ? TypedResults.Accepted((string?)null) : Refuse(change);
    }

    private static async Task<Results<Ok<StoredJob>, ProblemHttpResult>> AbandonAsync(
        Guid jobId, ClaimsPrincipal caller, JobRegistry registry, CancellationToken cancellationToken)
    {
        var actor = caller.FindFirstValue(ClaimTypes.Name) ?? "";
        var change = await registry.AbandonAsync(ScopeOf(caller), username: "", jobId.ToString(), actor, $"{actor} has decided so.", cancellationToken);
        return change.Result == JobChangeResult.Done ? TypedResults.Ok(new StoredJob(change.Document)) : Refuse(change);
    }

    private static bool TryReadFilter(JobQuery query, JobList jobs, out JobFilter filter, out ProblemHttpResult? refusal)
    {
        filter = new JobFilter
        {
            Username = query.User,
            DeviceId = query.Device,
            Status = (JobStatus?)query.Status,
            Classification = (JobClassification?)query.Classification,
            From = query.From,
            To = query.To,
        };
        refusal = null;
        if ((query.User + query.Device + query.Organization).Contains('\0', StringComparison.Ordinal))
        {
            refusal = Problems.BadRequest("filter_invalid", "user, device and organization must not contain the character 0.");
            return false;
        }

        if (query.After is { Length: > 0 } token)
        {
            if (!JobFilter.TryParseToken(token, out var after))
            {
                refusal = Problems.BadRequest("after_invalid", "after must be the next of the page before.");
                return false;
            }

            filter = filter with { After = after };
        }

        if (query.Search is { Length: > 0 } text)
        {
            var parsing = ParseSearch(text, jobs);
            refusal = parsing.Search is null ? Problems.BadRequest("search_invalid", parsing.Reason) : null;
            filter = filter with { Search = parsing.Search };
        }

        return refusal is null;
    }

    private static JobSearchParsing ParseSearch(string text, JobList jobs)
    {
        try
        {
            return jobs.ParseSearch(JsonSerializer.Deserialize<SearchClause>(text, CometJson.Options) ?? new SearchClause());
        }
        catch (JsonException)
        {
            return new JobSearchParsing(null, "search must be a search clause as JSON, such as {\"ClauseType\":\"\",\"RuleField\":\"BackupJobDetail.Status\",…}.");
        }
    }

    private static JobScope ScopeOf(ClaimsPrincipal caller) =>
        new(TenantScope.OfAdministrator(CallerOrganization.Of(caller) ?? throw new InvalidOperationException("An administrator belongs to an organization.")));

    public static ProblemHttpResult Refuse(JobChange change) => change.Result switch
    {
        JobChangeResult.NotFound => Problems.NotFound(CodeOf(change.Result), change.Reason),
        JobChangeResult.Refused => Problems.BadRequest(CodeOf(change.Result), change.Reason),
        _ => Problems.Conflict(CodeOf(change.Result), change.Reason),
    };

    /// <summary>The stable word for why a job was not changed.</summary>
    public static string CodeOf(JobChangeResult result) => result switch
    {
        JobChangeResult.NotFound => "job_not_found",
        JobChangeResult.Refused => "job_invalid",
        JobChangeResult.HasEnded => "job_has_ended",
        JobChangeResult.CannotBeCancelled => "job_not_cancellable",
        JobChangeResult.DeviceNotConnected => "device_not_connected",
        _ => "job_conflict",
    };
}
