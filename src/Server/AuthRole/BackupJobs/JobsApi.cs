using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs.Search;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary><c>/api/v2/jobs</c> for administrators. Records are the vendor's BackupJobDetail in both APIs.</summary>
internal static class JobsApi
{
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
        [AsParameters] JobQuery query, Caller caller, JobStore jobs, CancellationToken cancellationToken)
    {
        if (Paging.Of(query.Limit, out var count) is { } problem)
        {
            return problem;
        }

        var scope = JobScope.Of(caller);
        if (query.Organization is { } organization)
        {
            if (scope.Tenant.Narrow(organization) is not { } tenant)
            {
                return TypedResults.Ok(new Page<StoredJob>([], Next: null));
            }

            scope = scope with { Tenant = tenant };
        }

        if (!ReadFilter(query, jobs).TryGet(out var filter, out var refusal))
        {
            return refusal.ToProblem();
        }

        var found = await jobs.PageAsync(scope, filter, count + 1, cancellationToken);
        return TypedResults.Ok(Paging.Page(found, count, job => new StoredJob(job.Document), JobFilter.TokenOf));
    }

    private static async Task<Results<Ok<StoredJob>, ProblemHttpResult>> GetAsync(
        Guid jobId, Caller caller, JobStore jobs, CancellationToken cancellationToken) =>
        await jobs.FindAsync(JobScope.Of(caller), jobId.ToString(), cancellationToken) is { } job
            ? TypedResults.Ok(new StoredJob(job.Document))
            : JobRefusals.NotFound.ToProblem();

    private static async Task<Results<JsonHttpResult<IAsyncEnumerable<JobEntry>>, ProblemHttpResult>> GetLogAsync(
        Guid jobId, string? minSeverity, string? contains, Caller caller, JobStore jobs, JobLogStore logs,
        CancellationToken cancellationToken)
    {
        var least = JobLogStore.Rank(minSeverity?.ToUpperInvariant() ?? "");
        if (minSeverity is { Length: > 0 } && least < 0)
        {
            return Problems.BadRequest("severity_invalid", "minSeverity must be D, I, W or E.");
        }

        return await jobs.FindAsync(JobScope.Of(caller), jobId.ToString(), cancellationToken) is { } job
            ? TypedResults.Json(logs.ReadAsync(job.Id, Math.Max(0, least), contains ?? "", cancellationToken), CometJson.Options)
            : JobRefusals.NotFound.ToProblem();
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> CancelAsync(
        Guid jobId, Caller caller, JobActions jobs, CancellationToken cancellationToken) =>
        await jobs.CancelAsync(JobScope.Of(caller), username: "", jobId.ToString(), cancellationToken) is { } refusal
            ? refusal.ToProblem()
            : TypedResults.Accepted((string?)null);

    private static async Task<Results<Ok<StoredJob>, ProblemHttpResult>> AbandonAsync(
        Guid jobId, Caller caller, JobActions jobs, CancellationToken cancellationToken) =>
        (await jobs.AbandonAsync(caller, username: "", jobId.ToString(), $"requested by {caller.Name}.", cancellationToken))
            .TryGet(out var job, out var refusal) ? TypedResults.Ok(job) : refusal.ToProblem();

    private static Outcome<JobFilter> ReadFilter(JobQuery query, JobStore jobs)
    {
        var filter = new JobFilter
        {
            Username = query.User,
            DeviceId = query.Device,
            Status = (JobStatus?)query.Status,
            Classification = (JobClassification?)query.Classification,
            From = query.From,
            To = query.To,
        };
        if ((query.User + query.Device + query.Organization).Contains('\0', StringComparison.Ordinal))
        {
            return Refusal.Invalid("filter_invalid", "user, device and organization must not contain the character 0.");
        }

        if (query.After is { Length: > 0 } token)
        {
            if (!JobFilter.TryParseToken(token, out var after))
            {
                return Refusal.Invalid("after_invalid", "after must be the next of the page before.");
            }

            filter = filter with { After = after };
        }

        if (query.Search is not { Length: > 0 } text)
        {
            return filter;
        }

        return ParseSearch(text, jobs).TryGet(out var search, out var refusal) ? filter with { Search = search } : refusal;
    }

    private static Outcome<JobSearch> ParseSearch(string text, JobStore jobs)
    {
        try
        {
            return jobs.ParseSearch(JsonSerializer.Deserialize<SearchClause>(text, CometJson.Options) ?? new SearchClause());
        }
        catch (JsonException)
        {
            return JobSearch.Invalid(
                "search must be a search clause as JSON, such as {\"ClauseType\":\"\",\"RuleField\":\"BackupJobDetail.Status\",…}.");
        }
    }
}
