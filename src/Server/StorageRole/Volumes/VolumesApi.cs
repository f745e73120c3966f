using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.StorageRole.Volumes;

/// <summary><c>/api/v2/volumes</c>.</summary>
internal static class VolumesApi
{
    public static void MapVolumes(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Volumes").RequireAuthorization(Policies.AdministratorWho(Requires.TopLevel));
        group.MapGet(Routes.Volumes, ListAsync);
        group.MapPost(Routes.Volumes, AddAsync);
        group.MapGet(Routes.Volume, GetAsync);
        group.MapPatch(Routes.Volume, UpdateAsync);
        group.MapDelete(Routes.Volume, RemoveAsync);
    }

    private static async Task<Ok<Page<VolumeInfo>>> ListAsync(VolumeCatalog volumes, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<VolumeInfo>(await volumes.ListAsync(cancellationToken), Next: null));

    private static async Task<Results<Created<VolumeInfo>, ProblemHttpResult>> AddAsync(
        AddVolume request, VolumeCatalog volumes, CancellationToken cancellationToken)
    {
        var change = await volumes.AddAsync(request.Path ?? "", cancellationToken);
        return change.Id is { } id && await volumes.FindAsync(id, cancellationToken) is { } added
            ? TypedResults.Created($"{Routes.Volumes}/{id}", added)
            : Refuse(change);
    }

    private static async Task<Results<Ok<VolumeInfo>, ProblemHttpResult>> GetAsync(
        Guid volumeId, VolumeCatalog volumes, CancellationToken cancellationToken) =>
        await volumes.FindAsync(volumeId, cancellationToken) is { } volume ? TypedResults.Ok(volume) : Refuse(VolumeChange.NotFound);

    private static async Task<Results<Ok<VolumeInfo>, ProblemHttpResult>> UpdateAsync(
        Guid volumeId, UpdateVolume changes, VolumeCatalog volumes, CancellationToken cancellationToken)
    {
        if (changes.Path is { } path && await volumes.RelocateAsync(volumeId, path, cancellationToken) is { Id: null } refusal)
        {
            return Refuse(refusal);
        }

        var volume = changes.Mode is { } mode
            ? await volumes.SetModeAsync(volumeId, mode, cancellationToken)
            : await volumes.FindAsync(volumeId, cancellationToken);
        return volume is not null ? TypedResults.Ok(volume) : Refuse(VolumeChange.NotFound);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        Guid volumeId, VolumeCatalog volumes, CancellationToken cancellationToken)
    {
        var change = await volumes.RemoveAsync(volumeId, cancellationToken);
        return change.Id is not null ? TypedResults.NoContent() : Refuse(change);
    }

    private static ProblemHttpResult Refuse(VolumeChange change) => change.Code switch
    {
        "volume_not_found" => Problems.NotFound(change.Code, change.Reason!),
        "volume_not_empty" or "volume_marker_missing" or "volume_in_use" or "volume_offline" or "volume_known" or "volume_overlaps" => Problems.Conflict(change.Code, change.Reason!),
        _ => Problems.BadRequest(change.Code!, change.Reason!),
    };
}
