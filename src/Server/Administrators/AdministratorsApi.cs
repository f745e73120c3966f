using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Administrators;

/// <summary><c>/api/v2/administrators</c>: for administrators of the server itself.</summary>
internal static class AdministratorsApi
{
    private const int DefaultLimit = 100;
    private const int MaximumLimit = 1000;

    public static void MapAdministratorList(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Administrators")
            .RequireAuthorization(Policies.AdministratorWho(Requires.TopLevel | Requires.EditServerSettings));
        group.MapGet(Routes.Administrators, ListAsync);
        group.MapPost(Routes.Administrators, CreateAsync);
        group.MapGet(Routes.Administrator, GetAsync);
        group.MapPatch(Routes.Administrator, UpdateAsync);
        group.MapDelete(Routes.Administrator, DeleteAsync);
        group.MapDelete(Routes.AdministratorSecondFactors, ResetSecondFactorsAsync);
    }

    private static async Task<Results<Ok<Page<AdministratorInfo>>, ProblemHttpResult>> ListAsync(
        AdministratorDirectory directory, string? after, int? limit, CancellationToken cancellationToken)
    {
        var count = limit ?? DefaultLimit;
        if (count is < 1 or > MaximumLimit)
        {
            return Problems.BadRequest("limit_invalid", $"limit must be from 1 to {MaximumLimit}.");
        }

        var found = (await directory.ListAsync(after, count + 1, cancellationToken)).ConvertAll(administrator => administrator.ToWire());
        return found.Count > count
            ? TypedResults.Ok(new Page<AdministratorInfo>(found[..count], found[count - 1].Username))
            : TypedResults.Ok(new Page<AdministratorInfo>(found, Next: null));
    }

    private static async Task<Results<Created<AdministratorInfo>, ProblemHttpResult>> CreateAsync(
        CreateAdministrator request, AdministratorDirectory directory, HttpContext context, CancellationToken cancellationToken)
    {
        var change = await directory.CreateAsync(
            CallerOf(context), request.Username ?? "", request.Password ?? "", request.OrganizationId ?? "", Known(request.Permissions) ?? new AdminUserPermissions(),
            request.MustChangePassword, cancellationToken);
        return change.Administrator is { } made
            ? TypedResults.Created($"{Routes.Administrators}/{made.Id}", made.ToWire())
            : Refuse(change);
    }

    private static async Task<Results<Ok<AdministratorInfo>, ProblemHttpResult>> GetAsync(
        Guid administratorId, AdministratorDirectory directory, CancellationToken cancellationToken) =>
        await directory.FindAsync(administratorId, cancellationToken) is { } administrator
            ? TypedResults.Ok(administrator.ToWire())
            : Refuse(AdministratorChange.NotFound);

    private static async Task<Results<Ok<AdministratorInfo>, ProblemHttpResult>> UpdateAsync(
        Guid administratorId, UpdateAdministrator changes, AdministratorDirectory directory, AdministratorPasswords passwords, HttpContext context,
        CancellationToken cancellationToken)
    {
        var change = await directory.ChangeAsync(
            CallerOf(context), administratorId, changes.OrganizationId, Known(changes.Permissions), cancellationToken);
        if (change.Refusal is not null)
        {
            return Refuse(change);
        }

        if (changes.Password is { } password)
        {
            var set = await passwords.SetAsync(administratorId, password, mustChange: true, cancellationToken);
            if (set.Result != PasswordChangeResult.Changed)
            {
                return Refuse(AdministratorChange.Invalid(string.Join(" ", set.Reasons)));
            }
        }

        return await GetAsync(administratorId, directory, cancellationToken);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        Guid administratorId, AdministratorDirectory directory, HttpContext context, CancellationToken cancellationToken)
    {
        var change = await directory.DeleteAsync(CallerOf(context), administratorId, cancellationToken);
        return change.Refusal is null ? TypedResults.NoContent() : Refuse(change);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ResetSecondFactorsAsync(
        Guid administratorId, AuthenticatorCodes codes, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = CallerOf(context);
        if (administratorId == caller.Id)
        {
            return Refuse(AdministratorChange.LocksOut("For your own second factors the present password is needed; see /api/v2/account."));
        }

        return await codes.ResetAsync(administratorId, caller.Username, cancellationToken)
            ? TypedResults.NoContent()
            : Refuse(AdministratorChange.NotFound);
    }

    private static AdministratorIdentity CallerOf(HttpContext context) => AdministratorIdentity.From(context.User)!;

    // Once through the vendor's own reader, which puts an empty list where a client sent null.
    private static AdminUserPermissions? Known(AdminUserPermissions? permissions)
    {
        if (permissions is null)
        {
            return null;
        }

        permissions.FurtherFields = null;
        return AdministratorPermissions.Parse(AdministratorPermissions.ToJson(permissions)).Flags;
    }

    private static ProblemHttpResult Refuse(AdministratorChange change) => change.Refusal switch
    {
        AdministratorRefusal.NotFound => Problems.NotFound("administrator_not_found", change.Reason),
        AdministratorRefusal.UnknownOrganization => Problems.BadRequest("organization_unknown", change.Reason),
        AdministratorRefusal.NameTaken => Problems.Conflict("name_taken", change.Reason),
        AdministratorRefusal.LocksOut => Problems.Conflict("would_lock_out", change.Reason),
        AdministratorRefusal.Busy => Problems.Conflict("changed_meanwhile", change.Reason),
        _ => Problems.BadRequest("administrator_invalid", change.Reason),
    };
}
