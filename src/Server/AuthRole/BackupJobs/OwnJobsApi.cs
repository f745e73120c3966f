using Halley.Protocol;
using Halley.Protocol.Jobs;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary><c>/api/v2/user/jobs</c>: the devices of an account report their jobs here. Every report is a whole record.</summary>
internal static class OwnJobsApi
{
    public static void MapOwnJobs(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Jobs").RequireAuthorization(Policies.Account);
        group.MapPost(Routes.OwnJobs, CreateAsync).Accepts<BackupJobDetail>("application/json").Produces<BackupJobDetail>();
        group.MapPut(Routes.OwnJob, UpdateAsync).Accepts<BackupJobDetail>("application/json").Produces<BackupJobDetail>();
        group.MapPost(Routes.OwnJobLog, AppendLogAsync).Accepts<AppendJobLog>("application/json");
    }

    private static async Task<Results<Ok<StoredJob>, ProblemHttpResult>> CreateAsync(
        CometBody<BackupJobDetail> body, AccountIdentity user, JobReportActions jobs, CancellationToken cancellationToken) =>
        ProblemWithDevice(user, body.Document) is { } problem
            ? problem
            : Answer(await jobs.ReportAsync(OwnerOf(user), body.Document!, cancellationToken));

    private static async Task<Results<Ok<StoredJob>, ProblemHttpResult>> UpdateAsync(
        Guid jobId, CometBody<BackupJobDetail> body, AccountIdentity user, JobReportActions jobs, CancellationToken cancellationToken) =>
        ProblemWithDevice(user, body.Document) is { } problem
            ? problem
            : Answer(await jobs.UpdateAsync(OwnerOf(user), jobId.ToString(), body.Document!, cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> AppendLogAsync(
        Guid jobId, CometBody<AppendJobLog> body, AccountIdentity user, JobLogStore logs, CancellationToken cancellationToken)
    {
        if (body.Document is not { Entries: not null } part)
        {
            return NotReadable();
        }

        return await logs.AppendAsync(OwnerOf(user), jobId.ToString(), part.First, part.Entries, cancellationToken) is { } refusal
            ? refusal.ToProblem()
            : TypedResults.NoContent();
    }

    // A session that belongs to a device speaks for that device only.
    private static ProblemHttpResult? ProblemWithDevice(AccountIdentity user, BackupJobDetail? report)
    {
        if (report is null)
        {
            return NotReadable();
        }

        if (user.DeviceId is { } device && report.DeviceID.Length == 0)
        {
            report.DeviceID = device;
        }

        return user.DeviceId is null || user.DeviceId == report.DeviceID
            ? null
            : JobRefusals.Invalid("DeviceID must be the device that the session belongs to.").ToProblem();
    }

    private static JobOwner OwnerOf(AccountIdentity user) => new(user.Id, user.Username, user.OrganizationId);

    private static Results<Ok<StoredJob>, ProblemHttpResult> Answer(Outcome<StoredJob> outcome) =>
        outcome.TryGet(out var job, out var refusal) ? TypedResults.Ok(job) : refusal.ToProblem();

    private static ProblemHttpResult NotReadable() =>
        JobRefusals.Invalid("The body must be JSON of the shape that the API document gives, with the same spelling of names.").ToProblem();
}
