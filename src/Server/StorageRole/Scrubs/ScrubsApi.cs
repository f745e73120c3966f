using System.Security.Claims;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;
using Halley.Storage;
using Halley.Storage.Spanning;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.Scrubs;

/// <summary><c>/api/v2/volumes/{id}/scrub</c>, <c>/api/v2/scrub-findings</c> and <c>/api/v2/buckets/{id}/verify</c>.</summary>
internal static class ScrubsApi
{
    private const int DefaultLimit = 100;
    private const int MaximumLimit = 1000;

    public static void MapScrubs(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Scrubs").RequireAuthorization(Policies.AdministratorWho(Requires.TopLevel));
        group.MapPost(Routes.VolumeScrub, StartAsync);
        group.MapGet(Routes.ScrubFindings, ListAsync);
        group.MapPost(Routes.ScrubFindingDismiss, DismissAsync);
        endpoints.MapPost(Routes.BucketVerify, VerifyAsync).WithTags("Buckets").RequireAuthorization(Policies.Administrator);
    }

    private static async Task<Results<Accepted<TaskInfo>, ProblemHttpResult>> StartAsync(
        Guid volumeId, StartScrub request, ClaimsPrincipal caller, VolumeSet volumes, ScrubScheduleWork schedule, CancellationToken cancellationToken)
    {
        if (volumes.Find(volumeId) is not { } volume)
        {
            return Problems.NotFound(VolumeChange.NotFound.Code!, VolumeChange.NotFound.Reason!);
        }

        if (request.MaxBytesPerSecond < 0)
        {
            return Problems.BadRequest("rate_invalid", "maxBytesPerSecond must be a number of bytes, 1 or more, or 0 for no limit.");
        }

        if (!volume.Probe())
        {
            return Problems.Conflict("volume_offline", $"{volume.Problem} It can be scrubbed when it is back.");
        }

        var start = await schedule.StartNowAsync(volume, caller.Identity?.Name ?? "", request.MaxBytesPerSecond, cancellationToken);
        return start.Task is { } task ? TypedResults.Accepted($"{Routes.Tasks}/{task.Id}", task) : TasksApi.Refuse(start);
    }

    private static async Task<Results<Ok<Page<ScrubFindingInfo>>, ProblemHttpResult>> ListAsync(
        ScrubFindings findings, string? state, Guid? volumeId, string? bucketId, Guid? after, int? limit, CancellationToken cancellationToken)
    {
        if ((limit ?? DefaultLimit) is not (>= 1 and <= MaximumLimit and var count))
        {
            return Problems.BadRequest("limit_invalid", $"limit must be from 1 to {MaximumLimit}.");
        }

        ScrubFindingState? wanted = state switch
        {
            "open" => ScrubFindingState.Open,
            "healed" => ScrubFindingState.Healed,
            "dismissed" => ScrubFindingState.Dismissed,
            _ => null,
        };
        if (wanted is null && state is not null)
        {
            return Problems.BadRequest("state_invalid", "state must be open, healed or dismissed.");
        }

        var found = await findings.ListAsync(wanted, volumeId, bucketId, after, count + 1, cancellationToken);
        return TypedResults.Ok(new Page<ScrubFindingInfo>([.. found.Take(count)], found.Count > count ? found[count - 1].Id.ToString() : null));
    }

    private static async Task<Results<Ok<ScrubFindingInfo>, ProblemHttpResult>> DismissAsync(
        Guid findingId, ClaimsPrincipal caller, ScrubFindings findings, CancellationToken cancellationToken) =>
        await findings.DismissAsync(findingId, caller.Identity?.Name ?? "", cancellationToken) is { } finding
            ? TypedResults.Ok(finding)
            : Problems.NotFound("finding_not_found", "There is no such finding.");

    private static async Task<Results<Ok<FilesVerified>, ProblemHttpResult>> VerifyAsync(
        string bucketId, VerifyFiles request, ClaimsPrincipal caller, BucketRegistration buckets, FileVerification verification, CancellationToken cancellationToken)
    {
        if (await buckets.FindAsync(bucketId, TenantScope.OfCaller(caller), cancellationToken) is null)
        {
            var missing = BucketChange<BucketInfo>.NotFound.Refusal!;
            return Problems.NotFound(missing.Code, missing.Reason);
        }

        if (request.Names is not { Count: <= FileVerification.MostNames } texts)
        {
            return Problems.BadRequest("names_invalid", $"names must be a list of at most {FileVerification.MostNames} names.");
        }

        var names = new List<BlobName>(texts.Count);
        foreach (var text in texts)
        {
            if (!FileName.TryParse(text, out var name))
            {
                return Problems.BadRequest("names_invalid", "Each name must be config, or a type, a slash and 64 lower-case hex digits, such as data/0123….");
            }

            names.Add(name);
        }

        try
        {
            return TypedResults.Ok(new FilesVerified(await verification.RunAsync(bucketId, names, request.Reread, cancellationToken)));
        }
        catch (BlobStoreException error)
        {
            return Problems.Problem(StatusCodes.Status503ServiceUnavailable, "storage_unavailable", $"{error.Message} Try again when it is back.");
        }
    }
}
