using Halley.Protocol;
using Halley.Server.Access;
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

    private static async Task<Results<Ok<Page<VolumeInfo>>, ProblemHttpResult>> ListAsync(
        Caller caller, VolumeActions volumes, CancellationToken cancellationToken) =>
        (await volumes.ListAsync(caller, cancellationToken)).ToOk();

    private static async Task<Results<Created<VolumeInfo>, ProblemHttpResult>> AddAsync(
        AddVolume request, Caller caller, VolumeActions volumes, CancellationToken cancellationToken) =>
        (await volumes.AddAsync(caller, request, cancellationToken)).ToCreated(volume => Routes.ToVolume(volume.Id));

    private static async Task<Results<Ok<VolumeInfo>, ProblemHttpResult>> GetAsync(
        Guid volumeId, Caller caller, VolumeActions volumes, CancellationToken cancellationToken) =>
        (await volumes.FindAsync(caller, volumeId, cancellationToken)).ToOk();

    private static async Task<Results<Ok<VolumeInfo>, ProblemHttpResult>> UpdateAsync(
        Guid volumeId, UpdateVolume changes, Caller caller, VolumeActions volumes, CancellationToken cancellationToken) =>
        (await volumes.UpdateAsync(caller, volumeId, changes, cancellationToken)).ToOk();

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        Guid volumeId, Caller caller, VolumeActions volumes, CancellationToken cancellationToken) =>
        (await volumes.RemoveAsync(caller, volumeId, cancellationToken)).ToNoContent();
}
