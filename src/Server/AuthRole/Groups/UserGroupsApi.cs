using System.Security.Claims;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.Groups;

/// <summary><c>/api/v2/user-groups</c>.</summary>
internal static class UserGroupsApi
{
    public static void MapUserGroups(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("User groups").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.UserGroups, ListAsync);
        group.MapPost(Routes.UserGroups, CreateAsync);
        group.MapGet(Routes.UserGroup, GetAsync);
        group.MapPatch(Routes.UserGroup, UpdateAsync);
        group.MapDelete(Routes.UserGroup, DeleteAsync);
    }

    private static async Task<Results<Ok<Page<UserGroupInfo>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal caller, UserGroups groups, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } refusal)
        {
            return refusal;
        }

        var all = await groups.ListAsync(TenantScope.OfCaller(caller), cancellationToken);
        var ordered = all.Where(group => string.CompareOrdinal(group.Id, after) > 0).OrderBy(group => group.Id, StringComparer.Ordinal);
        return TypedResults.Ok(Paging.Page(ordered, count, ToWire, group => group.Id));
    }

    private static async Task<Results<Created<UserGroupInfo>, ProblemHttpResult>> CreateAsync(
        CreateUserGroup request, ClaimsPrincipal caller, UserGroups groups, CancellationToken cancellationToken)
    {
        var change = await groups.CreateAsync(
            null, request.Name ?? "", request.OrganizationId ?? "", TenantScope.OfCaller(caller), NameOf(caller), cancellationToken);
        return change.Value is { } made ? TypedResults.Created($"{Routes.UserGroups}/{made.Id}", ToWire(made)) : Refuse(change);
    }

    private static async Task<Results<Ok<UserGroupDetail>, ProblemHttpResult>> GetAsync(
        string groupId, ClaimsPrincipal caller, UserGroups groups, CancellationToken cancellationToken) =>
        await groups.FindAsync(groupId, TenantScope.OfCaller(caller), cancellationToken) is { } group
            ? TypedResults.Ok(new UserGroupDetail(ToWire(group), await groups.MembersAsync(group, cancellationToken)))
            : Refuse(GroupChange.NotFound);

    private static async Task<Results<Ok<UserGroupDetail>, ProblemHttpResult>> UpdateAsync(
        string groupId, UpdateUserGroup changes, ClaimsPrincipal caller, UserGroups groups, CancellationToken cancellationToken)
    {
        var scope = TenantScope.OfCaller(caller);
        if (changes.Name is { } name && await groups.RenameAsync(groupId, name, scope, NameOf(caller), cancellationToken) is { Value: null } refused)
        {
            return Refuse(refused);
        }

        if (changes.Members is { } members
            && await groups.SetMembersAsync(groupId, members, scope, NameOf(caller), cancellationToken) is { Value: null } notSet)
        {
            return Refuse(notSet);
        }

        return await GetAsync(groupId, caller, groups, cancellationToken);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string groupId, ClaimsPrincipal caller, UserGroups groups, CancellationToken cancellationToken) =>
        await groups.DeleteAsync(groupId, TenantScope.OfCaller(caller), NameOf(caller), cancellationToken)
            ? TypedResults.NoContent()
            : Refuse(GroupChange.NotFound);

    private static string NameOf(ClaimsPrincipal caller) => caller.Identity?.Name ?? "";

    private static UserGroupInfo ToWire(StoredUserGroup group) => new(group.Id, group.Name, group.OrganizationId, group.CreatedAt);

    private static ProblemHttpResult Refuse(GroupChange change) =>
        ReferenceEquals(change, GroupChange.NotFound) ? Problems.NotFound("group_not_found", change.Reason!)
        : ReferenceEquals(change, GroupChange.Taken) ? Problems.Conflict("group_exists", change.Reason!)
        : Problems.BadRequest("group_invalid", change.Reason!);
}
