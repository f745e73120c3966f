using Halley.Protocol;
using Halley.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Administrators;

/// <summary><c>/api/v2/administrators</c>: for administrators of the server itself.</summary>
internal static class AdministratorsApi
{
    public static void MapAdministratorList(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Administrators")
            .RequireAuthorization(Policies.AdministratorWho(Requires.TopLevel | Requires.EditServerSettings));
        group.MapGet(Routes.Administrators, ListAsync);
        group.MapPost(Routes.Administrators, CreateAsync);
        group.MapGet(Routes.Administrator, GetAsync);
        group.MapPatch(Routes.Administrator, UpdateAsync);
        group.MapDelete(Routes.Administrator, DeleteAsync);
        group.MapDelete(Routes.AdministratorSecondFactors, RemoveSecondFactorsAsync);
    }

    private static async Task<Results<Ok<Page<AdministratorInfo>>, ProblemHttpResult>> ListAsync(
        Caller caller, AdministratorActions administrators, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } wrong)
        {
            return wrong;
        }

        return (await administrators.ListAsync(caller, after, count + 1, cancellationToken)).TryGet(out var found, out var refusal)
            ? TypedResults.Ok(Paging.Page(found, count, administrator => administrator.ToWire(), administrator => administrator.UserName!))
            : refusal.ToProblem();
    }

    private static async Task<Results<Created<AdministratorInfo>, ProblemHttpResult>> CreateAsync(
        CreateAdministrator request, Caller caller, AdministratorActions administrators, CancellationToken cancellationToken) =>
        (await administrators.CreateAsync(caller, request, cancellationToken)).TryGet(out var made, out var refusal)
            ? TypedResults.Created(Routes.ToAdministrator(made.Id), made.ToWire())
            : refusal.ToProblem();

    private static async Task<Results<Ok<AdministratorInfo>, ProblemHttpResult>> GetAsync(
        Guid administratorId, Caller caller, AdministratorActions administrators, CancellationToken cancellationToken) =>
        Answer(await administrators.FindAsync(caller, administratorId, cancellationToken));

    private static async Task<Results<Ok<AdministratorInfo>, ProblemHttpResult>> UpdateAsync(
        Guid administratorId, UpdateAdministrator changes, Caller caller, AdministratorActions administrators,
        CancellationToken cancellationToken) =>
        Answer(await administrators.UpdateAsync(caller, administratorId, changes, cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        Guid administratorId, Caller caller, AdministratorActions administrators, CancellationToken cancellationToken) =>
        Answer(await administrators.DeleteAsync(caller, administratorId, cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveSecondFactorsAsync(
        Guid administratorId, Caller caller, AdministratorActions administrators, CancellationToken cancellationToken) =>
        Answer(await administrators.RemoveSecondFactorsAsync(caller, administratorId, cancellationToken));

    private static Results<Ok<AdministratorInfo>, ProblemHttpResult> Answer(Outcome<Administrator> outcome) =>
        outcome.TryGet(out var administrator, out var refusal) ? TypedResults.Ok(administrator.ToWire()) : refusal.ToProblem();

    private static Results<NoContent, ProblemHttpResult> Answer(Refusal? refusal) =>
        refusal is null ? TypedResults.NoContent() : refusal.ToProblem();
}
