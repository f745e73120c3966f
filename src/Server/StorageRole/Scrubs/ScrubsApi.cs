using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.Scrubs;

/// <summary><c>/api/v2/volumes/{id}/scrub</c>, <c>/api/v2/scrub-findings</c> and <c>/api/v2/buckets/{id}/verify</c>.</summary>
internal static class ScrubsApi
{
    public static void MapScrubs(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Scrubs").RequireAuthorization(Policies.AdministratorWho(Requires.TopLevel));
        group.MapPost(Routes.VolumeScrub, StartAsync);
        group.MapGet(Routes.ScrubFindings, ListAsync);
        group.MapPost(Routes.ScrubFindingDismiss, DismissAsync);
        endpoints.MapPost(Routes.BucketVerify, VerifyAsync).WithTags("Buckets").RequireAuthorization(Policies.Administrator);
    }

    private static async Task<Results<Accepted<TaskInfo>, ProblemHttpResult>> StartAsync(
        Guid volumeId, StartScrub request, Caller caller, ScrubActions scrubs, CancellationToken cancellationToken) =>
        (await scrubs.StartAsync(caller, volumeId, request, cancellationToken)).ToAccepted(task => Routes.ToTask(task.Id));

    private static async Task<Results<Ok<Page<ScrubFindingInfo>>, ProblemHttpResult>> ListAsync(
        Caller caller, ScrubActions scrubs, ScrubFindingState? state, Guid? volumeId, string? bucketId, Guid? after, int? limit,
        CancellationToken cancellationToken) =>
        Paging.Of(limit, out var count) is { } wrong
            ? wrong
            : (await scrubs.ListFindingsAsync(caller, state, volumeId, bucketId, after, count, cancellationToken)).ToOk();

    private static async Task<Results<Ok<ScrubFindingInfo>, ProblemHttpResult>> DismissAsync(
        Guid findingId, Caller caller, ScrubActions scrubs, CancellationToken cancellationToken) =>
        (await scrubs.DismissAsync(caller, findingId, cancellationToken)).ToOk();

    private static async Task<Results<Ok<FilesVerified>, ProblemHttpResult>> VerifyAsync(
        string bucketId, VerifyFiles request, Caller caller, ScrubActions scrubs, CancellationToken cancellationToken) =>
        (await scrubs.VerifyAsync(caller, bucketId, request, cancellationToken)).ToOk();
}
