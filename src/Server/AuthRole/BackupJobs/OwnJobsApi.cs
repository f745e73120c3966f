using System.Security.Claims;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary><c>/api/v2/user/jobs</c>: where the devices of an account report what they do. Every report is a whole record.</summary>
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
        HttpRequest request, ClaimsPrincipal caller, JobRegistry registry, CancellationToken cancellationToken)
    {
        var account = AccountIdentity.From(caller)!;
        if (await ReadAsync<BackupJobDetail>(request, cancellationToken) is not { } report)
        {
            return NotReadable();
        }

        return TryTakeDevice(account, report)
            ? Answer(await registry.ReportAsync(OwnerOf(account), report, cancellationToken))
            : OtherDevice();
    }

    private static async Task<Results<Ok<StoredJob>, ProblemHttpResult>> UpdateAsync(
        Guid jobId, HttpRequest request, ClaimsPrincipal caller, JobRegistry registry, CancellationToken cancellationToken)
    {
        var account = AccountIdentity.From(caller)!;
        if (await ReadAsync<BackupJobDetail>(request, cancellationToken) is not { } report)
        {
            return NotReadable();
        }

        return TryTakeDevice(account, report)
            ? Answer(await registry.UpdateAsync(OwnerOf(account), jobId.ToString(), report, cancellationToken))
            : OtherDevice();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> AppendLogAsync(
        Guid jobId, HttpRequest request, ClaimsPrincipal caller, JobLogs logs, CancellationToken cancellationToken)
    {
        if (await ReadAsync<AppendJobLog>(request, cancellationToken) is not { Entries: not null } part)
        {
            return NotReadable();
        }

        var change = await logs.AppendAsync(OwnerOf(AccountIdentity.From(caller)!), jobId.ToString(), part.First, part.Entries, cancellationToken);
        return change.Result == JobChangeResult.Done ? TypedResults.NoContent() : JobsApi.Refuse(change);
    }

    // A session that belongs to a device speaks for that one only.
    private static bool TryTakeDevice(AccountIdentity account, BackupJobDetail report)
    {
        if (account.DeviceId is { } device && report.DeviceID.Length == 0)
        {
            report.DeviceID = device;
        }

        return account.DeviceId is null || account.DeviceId == report.DeviceID;
    }

    // With the vendor's rules of JSON: it is the vendor's record, and fields that are not known must survive.
    private static async Task<T?> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(request.Body, CometJson.Options, cancellationToken);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JobOwner OwnerOf(AccountIdentity account) => new(account.Id, account.Username, account.OrganizationId);

    private static Results<Ok<StoredJob>, ProblemHttpResult> Answer(JobChange change) =>
        change.Result == JobChangeResult.Done ? TypedResults.Ok(new StoredJob(change.Document)) : JobsApi.Refuse(change);

    private static ProblemHttpResult NotReadable() =>
        Problems.BadRequest("job_invalid", "The body must be JSON of the shape that the API document gives, with the names spelt as there.");

    private static ProblemHttpResult OtherDevice() =>
        Problems.BadRequest("job_invalid", "DeviceID must be the device that the session belongs to.");
}
