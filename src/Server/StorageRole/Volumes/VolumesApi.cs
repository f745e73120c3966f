using Halley.Protocol;
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

    private static async Task<Ok<Page<VolumeInfo>>> ListAsync(VolumeCatalog volumes, CancellationToken cancellation) =>
        TypedResults.Ok(new Page<VolumeInfo>(await volumes.ListAsync(cancellation), Next: null));

    private static async Task<Results<Created<VolumeInfo>, ProblemHttpResult>> AddAsync(
        AddVolume wish, VolumeCatalog volumes, CancellationToken cancellation)
    {
        var change = await volumes.AddAsync(wish.Path ?? "", cancellation);
        return change.Id is { } id && await volumes.FindAsync(id, cancellation) is { } added
            ? TypedResults.Created($"{Routes.Volumes}/{id}", added)
            : Refuse(change);
    }

    private static async Task<Results<Ok<VolumeInfo>, ProblemHttpResult>> GetAsync(
        Guid volumeId, VolumeCatalog volumes, CancellationToken cancellation) =>
        await volumes.FindAsync(volumeId, cancellation) is { } volume ? TypedResults.Ok(volume) : Refuse(VolumeChange.NotFound);

    private static async Task<Results<Ok<VolumeInfo>, ProblemHttpResult>> UpdateAsync(
        Guid volumeId, UpdateVolume changes, VolumeCatalog volumes, CancellationToken cancellation)
    {
        if (changes.Path is { } path && await volumes.RelocateAsync(volumeId, path, cancellation) is { Id: null } refusal)
        {
            return Refuse(refusal);
        }

        var volume = changes.Mode is { } mode
            ? await volumes.SetModeAsync(volumeId, mode, cancellation)
            : await volumes.FindAsync(volumeId, cancellation);
        return volume is not null ? TypedResults.Ok(volume) : Refuse(VolumeChange.NotFound);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        Guid volumeId, VolumeCatalog volumes, CancellationToken cancellation)
    {
        var change = await volumes.RemoveAsync(volumeId, cancellation);
        return change.Id is not null ? TypedResults.NoContent() : Refuse(change);
    }

    private static ProblemHttpResult Refuse(VolumeChange change) => change.Code switch
    {
        "volume_not_found" => Problems.NotFound(change.Code, change.Reason!),
        "volume_not_empty" or "volume_marker_missing" or "volume_in_use" or "volume_offline" or "volume_known" or "volume_overlaps" => Problems.Conflict(change.Code, change.Reason!),
        _ => Problems.BadRequest(change.Code!, change.Reason!),
    };
}
