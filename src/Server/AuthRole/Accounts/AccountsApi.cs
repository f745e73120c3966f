using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.Accounts;

/// <summary><c>/api/v2/accounts</c>, for administrators.</summary>
internal static class AccountsApi
{
    public static void MapAccounts(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Accounts").RequireAuthorization(Policies.Administrator);
        group.MapGet(Routes.Accounts, ListAsync);
        group.MapPost(Routes.Accounts, CreateAsync);
        group.MapGet(Routes.Account, GetAsync);
        group.MapPatch(Routes.Account, UpdateAsync);
        group.MapDelete(Routes.Account, DeleteAsync);
        group.MapPost(Routes.AccountPassword, ResetPasswordAsync);
        group.MapDelete(Routes.AccountTotp, RemoveTotpAsync);
    }

    private static async Task<Results<Ok<Page<AccountInfo>>, ProblemHttpResult>> ListAsync(
        AccountDirectory accounts, HttpContext context, string? after, int? limit, string? q, string? organization, bool? suspended,
        CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } problem)
        {
            return problem;
        }

        var found = await accounts.ListAsync(
            TenantScope.OfCaller(context.User), new AccountFilter(q, organization, suspended), after, count + 1, cancellationToken);
        return TypedResults.Ok(Paging.Page(found, count, account => account, account => account.Username));
    }

    private static async Task<Results<Created<AccountInfo>, ProblemHttpResult>> CreateAsync(
        CreateAccount request, AccountRegistration registration, AutomaticVault vault, AccountDirectory accounts, HttpContext context,
        CancellationToken cancellationToken)
    {
        if ((request.Password is null) == (request.LKey is null) || (request.KeepRecovery && request.Password is null))
        {
            return Problems.BadRequest("credential_invalid", "Send either a password or an lKey; keepRecovery only works with a password.");
        }

        var own = CallerOrganization.Of(context.User)!;
        var organization = string.IsNullOrEmpty(request.OrganizationId) ? own : request.OrganizationId;
        if (!TenantScope.OfCaller(context.User).Contains(organization))
        {
            return Problems.Problem(StatusCodes.Status403Forbidden, "forbidden", "You may only make accounts in your own organization.");
        }

        var change = await registration.CreateAsync(
            new NewAccount(request.Username ?? "", organization)
            {
                Password = request.Password,
                LKey = request.LKey,
                AccountName = request.AccountName ?? "",
                KeepRecovery = request.KeepRecovery,
                RequirePasswordChange = request.MustChangePassword,
            },
            ActorOf(context), context.Connection.RemoteIpAddress, cancellationToken);
        if (change.Stored is not { Account.Username: var name } stored)
        {
            return AccountAnswers.Refuse(change, context);
        }

        await vault.MakeAsync(stored, ActorOf(context), $"{context.Request.Scheme}://{context.Request.Host}/", cancellationToken);
        return TypedResults.Created(
            $"{Routes.Accounts}/{Uri.EscapeDataString(name)}", await accounts.FindAsync(name, TenantScope.OfCaller(context.User), cancellationToken));
    }

    private static async Task<Results<Ok<AccountInfo>, ProblemHttpResult>> GetAsync(
        string username, AccountDirectory accounts, HttpContext context, CancellationToken cancellationToken) =>
        await accounts.FindAsync(username, TenantScope.OfCaller(context.User), cancellationToken) is { } account
            ? TypedResults.Ok(account)
            : AccountAnswers.NotFound();

    private static async Task<Results<Ok<AccountInfo>, ProblemHttpResult>> UpdateAsync(
        string username, UpdateAccount changes, ProfileSaving saving, AccountDirectory accounts, HttpContext context,
        CancellationToken cancellationToken)
    {
        var scope = TenantScope.OfCaller(context.User);
        var change = await saving.EditAsync(username, scope, ActorOf(context), profile => Apply(changes, profile), cancellationToken);
        return change.Result == ProfileChangeResult.Saved && await accounts.FindAsync(username, scope, cancellationToken) is { } account
            ? TypedResults.Ok(account)
            : AccountAnswers.Refuse(change, context);
    }

    private static string? Apply(UpdateAccount changes, UserProfileConfig profile)
    {
        profile.IsSuspended = changes.Suspended ?? profile.IsSuspended;
        profile.AccountName = changes.AccountName ?? profile.AccountName;
        profile.RequirePasswordChange = changes.MustChangePassword ?? profile.RequirePasswordChange;
        profile.MaximumDevices = changes.MaximumDevices ?? profile.MaximumDevices;
        return profile.MaximumDevices < 0 ? "maximumDevices must not be negative." : ProfileLimits.ProblemWith(profile);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string username, AccountRegistration registration, HttpContext context, CancellationToken cancellationToken) =>
        await registration.DeleteAsync(username, TenantScope.OfCaller(context.User), ActorOf(context), cancellationToken)
            ? TypedResults.NoContent()
            : AccountAnswers.NotFound();

    private static async Task<Results<NoContent, ProblemHttpResult>> ResetPasswordAsync(
        string username, ResetAccountPassword request, AccountPasswords passwords, HttpContext context, CancellationToken cancellationToken)
    {
        var change = await passwords.ResetAsync(
            new PasswordReset(username, TenantScope.OfCaller(context.User), request.NewPassword ?? "")
            {
                OldPassword = string.IsNullOrEmpty(request.OldPassword) ? null : request.OldPassword,
                Actor = ActorOf(context),
            },
            context.Connection.RemoteIpAddress, cancellationToken);
        return change.Result == AccountChangeResult.Done ? TypedResults.NoContent() : AccountAnswers.Refuse(change, context);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveTotpAsync(
        string username, AccountCodes codes, HttpContext context, CancellationToken cancellationToken)
    {
        var change = await codes.TurnOffAsync(username, TenantScope.OfCaller(context.User), ActorOf(context), cancellationToken);
        return change.Result == ProfileChangeResult.Saved ? TypedResults.NoContent() : AccountAnswers.Refuse(change, context);
    }

    private static string ActorOf(HttpContext context) => context.User.Identity?.Name ?? "";
}
