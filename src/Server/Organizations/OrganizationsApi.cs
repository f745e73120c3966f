using System.Security.Claims;
using Halley.Protocol;
using Halley.Protocol.Comet;
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
        group.MapPost(Routes.Organizations, CreateAsync);
        group.MapGet(Routes.Organization, Get);
        group.MapPatch(Routes.Organization, UpdateAsync);
        group.MapDelete(Routes.Organization, DeleteAsync);
    }

    private static Results<Ok<Page<OrganizationInfo>>, ProblemHttpResult> List(OrganizationDirectory directory, string? after, int? limit) =>
        Paging.Of(limit, out var count) is { } refusal
            ? refusal
            : TypedResults.Ok(Paging.Page(
                directory.All.Values.Where(organization => string.CompareOrdinal(organization.Id, after) > 0).OrderBy(organization => organization.Id, StringComparer.Ordinal),
                count,
                ToWire,
                organization => organization.Id));

    private static async Task<Results<Created<OrganizationInfo>, ProblemHttpResult>> CreateAsync(
        CreateOrganization request, ClaimsPrincipal caller, OrganizationRegistry registry, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Name))
        {
            return NameMissing;
        }

        var change = await registry.CreateAsync(
            new Organization { Name = request.Name, Hosts = [.. request.Hosts ?? []] }, caller.Identity?.Name ?? "", cancellationToken);
        return change.Value is { } made ? TypedResults.Created($"{Routes.Organizations}/{made.Id}", ToWire(made)) : Refuse(change);
    }

    private static Results<Ok<OrganizationInfo>, ProblemHttpResult> Get(string organizationId, OrganizationDirectory directory) =>
        directory.Find(organizationId) is { } found ? TypedResults.Ok(ToWire(found)) : Refuse(OrganizationChange.NotFound);

    private static async Task<Results<Ok<OrganizationInfo>, ProblemHttpResult>> UpdateAsync(
        string organizationId, UpdateOrganization changes, ClaimsPrincipal caller, OrganizationRegistry registry, CancellationToken cancellationToken)
    {
        if (changes.Name is not null && string.IsNullOrWhiteSpace(changes.Name))
        {
            return NameMissing;
        }

        if ((changes.SoftQuotaBytes ?? changes.HardQuotaBytes) is not null
            && await registry.SetQuotaAsync(organizationId, caller.Identity?.Name ?? "", changes.SoftQuotaBytes, changes.HardQuotaBytes, cancellationToken)
                is { Value: null } refused)
        {
            return Refuse(refused);
        }

        var change = await registry.ChangeAsync(
            organizationId,
            caller.Identity?.Name ?? "",
            document =>
            {
                document.Name = changes.Name ?? document.Name;
                document.Hosts = changes.Hosts is { } hosts ? [.. hosts] : document.Hosts;
                document.IsSuspended = changes.Suspended ?? document.IsSuspended;
                return document;
            },
            cancellationToken);
        return change.Value is { } changed ? TypedResults.Ok(ToWire(changed)) : Refuse(change);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string organizationId, ClaimsPrincipal caller, OrganizationRegistry registry, CancellationToken cancellationToken) =>
        await registry.DeleteAsync(organizationId, caller.Identity?.Name ?? "", cancellationToken)
            ? TypedResults.NoContent()
            : Refuse(OrganizationChange.NotFound);

    private static ProblemHttpResult NameMissing => Problems.BadRequest("name_missing", "Give the organization a name of 1 to 200 characters.");

    private static OrganizationInfo ToWire(KnownOrganization organization) =>
        new(organization.Id, organization.Name, organization.Hosts, organization.IsSuspended, organization.CreatedAt,
            organization.Quota.SoftBytes, organization.Quota.HardBytes);

    private static ProblemHttpResult Refuse(OrganizationChange change) => change switch
    {
        { IsMissing: true } => Problems.NotFound(change.Code!, change.Reason!),
        { IsConflict: true } => Problems.Conflict(change.Code!, change.Reason!),
        _ => Problems.BadRequest(change.Code!, change.Reason!),
    };
}
