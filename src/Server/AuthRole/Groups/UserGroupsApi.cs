using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Groups;

/// <summary><c>/api/v2/user-groups</c>.</summary>
internal static class UserGroupsApi
{
    public static void AddUserGroups(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<UserGroupActions>();
        builder.Services.AddSingleton<OrganizationPart, GroupsOfOrganization>();
    }

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
        Caller caller, UserGroupActions groups, string? after, int? limit, CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } refusal)
        {
            return refusal;
        }

        var all = await groups.ListAsync(caller, organizationId: null, cancellationToken);
        var ordered = all.Where(group => string.CompareOrdinal(group.Id, after) > 0).OrderBy(group => group.Id, StringComparer.Ordinal);
        return TypedResults.Ok(Paging.Page(ordered, count, ToWire, group => group.Id));
    }

    private static async Task<Results<Created<UserGroupInfo>, ProblemHttpResult>> CreateAsync(
        CreateUserGroup request, Caller caller, UserGroupActions groups, CancellationToken cancellationToken)
    {
        var outcome = await groups.CreateAsync(caller, chosenId: null, request.Name ?? "", request.OrganizationId ?? "", cancellationToken);
        return outcome.TryGet(out var made, out var refusal)
            ? TypedResults.Created(Routes.ToUserGroup(made.Id), ToWire(made))
            : refusal.ToProblem();
    }

    private static async Task<Results<Ok<UserGroupDetail>, ProblemHttpResult>> GetAsync(
        string groupId, Caller caller, UserGroupActions groups, CancellationToken cancellationToken) =>
        await AnswerAsync(await groups.FindAsync(caller, groupId, cancellationToken), groups, cancellationToken);

    private static async Task<Results<Ok<UserGroupDetail>, ProblemHttpResult>> UpdateAsync(
        string groupId, UpdateUserGroup changes, Caller caller, UserGroupActions groups, CancellationToken cancellationToken) =>
        await AnswerAsync(
            changes is { Name: null, Members: null }
                ? await groups.FindAsync(caller, groupId, cancellationToken)
                : await groups.UpdateAsync(caller, groupId, changes.Name, changes.Members, cancellationToken),
            groups,
            cancellationToken);

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string groupId, Caller caller, UserGroupActions groups, CancellationToken cancellationToken) =>
        await groups.DeleteAsync(caller, groupId, cancellationToken) is { } refusal ? refusal.ToProblem() : TypedResults.NoContent();

    private static async Task<Results<Ok<UserGroupDetail>, ProblemHttpResult>> AnswerAsync(
        Outcome<StoredUserGroup> outcome, UserGroupActions groups, CancellationToken cancellationToken) =>
        outcome.TryGet(out var group, out var refusal)
            ? TypedResults.Ok(new UserGroupDetail(ToWire(group), await groups.MembersAsync(group, cancellationToken)))
            : refusal.ToProblem();

    private static UserGroupInfo ToWire(StoredUserGroup group) => new(group.Id, group.Name, group.OrganizationId, group.CreatedAt);

    /// <summary>The groups of a deleted organization are deleted with it.</summary>
    private sealed class GroupsOfOrganization : OrganizationPart
    {
        public override Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken) =>
            database.Set<StoredUserGroup>().Where(group => group.OrganizationId == removal.OrganizationId)
                .ExecuteDeleteAsync(cancellationToken);
    }
}
