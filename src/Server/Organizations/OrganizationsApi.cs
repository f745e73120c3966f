using System.Security.Claims;
using Halley.Protocol;
using Halley.Protocol.Organizations;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Organizations;

/// <summary><c>/api/v2/organizations</c>, for administrators of the top level.</summary>
internal static class OrganizationsApi
{
    public static void MapOrganizations(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Organizations").RequireAuthorization(Policies.TopLevelAdministrator);
        group.MapGet(Routes.Organizations, List);
        group.MapPost(Routes.Organizations, CreateAsync).RequireAuthorization(Policies.AdministratorWho(Requires.EditServerSettings));
        group.MapGet(Routes.Organization, Get);
        group.MapPatch(Routes.Organization, UpdateAsync);
        group.MapDelete(Routes.Organization, DeleteAsync);
    }

    private static Results<Ok<Page<OrganizationInfo>>, ProblemHttpResult> List(
        OrganizationCache organizations, string? after, int? limit) =>
        Paging.Of(limit, out var count) is { } refusal
            ? refusal
            : TypedResults.Ok(Paging.Page(
                organizations.All.Values.Where(organization => string.CompareOrdinal(organization.Id, after) > 0)
                    .OrderBy(organization => organization.Id, StringComparer.Ordinal),
                count,
                organization => organization.ToWire(),
                organization => organization.Id));

    private static async Task<Results<Created<OrganizationInfo>, ProblemHttpResult>> CreateAsync(
        CreateOrganization request, Caller caller, OrganizationActions organizations, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Name))
        {
            return NameMissing;
        }

        var document = new Organization { Name = request.Name, Hosts = [.. request.Hosts ?? []] };
        return (await organizations.CreateAsync(caller, document, cancellationToken)).TryGet(out var made, out var refusal)
            ? TypedResults.Created(Routes.ToOrganization(made.Id), made.ToWire())
            : refusal.ToProblem();
    }

    private static Results<Ok<OrganizationInfo>, ProblemHttpResult> Get(
        string organizationId, Caller caller, OrganizationActions organizations) => Answer(organizations.Find(caller, organizationId));

    private static async Task<Results<Ok<OrganizationInfo>, ProblemHttpResult>> UpdateAsync(
        string organizationId, UpdateOrganization changes, Caller caller, OrganizationActions organizations,
        CancellationToken cancellationToken) =>
        changes.Name is not null && string.IsNullOrWhiteSpace(changes.Name)
            ? NameMissing
            : Answer(await organizations.UpdateAsync(caller, organizationId, changes, cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string organizationId, Caller caller, OrganizationActions organizations, CancellationToken cancellationToken) =>
        await organizations.DeleteAsync(caller, organizationId, cancellationToken) is { } refusal
            ? refusal.ToProblem()
            : TypedResults.NoContent();

    private static Results<Ok<OrganizationInfo>, ProblemHttpResult> Answer(Outcome<KnownOrganization> outcome) =>
        outcome.TryGet(out var organization, out var refusal) ? TypedResults.Ok(organization.ToWire()) : refusal.ToProblem();

    // Not a rule of the operation, because the vendor's document may have no name.
    private static ProblemHttpResult NameMissing =>
        Refusal.Invalid("name_missing", "Give the organization a name of 1 to 200 characters.").ToProblem();
}
