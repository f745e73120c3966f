using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Hosting;
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
        Caller caller, AccountActions accounts, string? after, int? limit, string? q, string? organization, bool? suspended,
        CancellationToken cancellationToken)
    {
        if (Paging.Of(limit, out var count) is { } problem)
        {
            return problem;
        }

        var found = await accounts.ListAsync(caller, new AccountFilter(q, organization, suspended), after, count + 1, cancellationToken);
        return TypedResults.Ok(Paging.Page(found, count, account => account, account => account.Username));
    }

    private static async Task<Results<Created<AccountInfo>, ProblemHttpResult>> CreateAsync(
        CreateAccount request, Caller caller, AccountActions accounts, HttpContext context, CancellationToken cancellationToken)
    {
        var made = await accounts.CreateAsync(caller, request, cancellationToken);
        return !made.TryGet(out _, out var refusal) ? refusal.ToProblem(context)
            : (await accounts.FindAsync(new AccountCaller(caller, request.Username), cancellationToken))
                .TryGet(out var account, out refusal)
                ? TypedResults.Created(Routes.ToAccount(account.Username), account)
            : refusal.ToProblem(context);
    }

    private static async Task<Results<Ok<AccountInfo>, ProblemHttpResult>> GetAsync(
        string username, Caller caller, AccountActions accounts, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await accounts.FindAsync(new AccountCaller(caller, username), cancellationToken));

    private static async Task<Results<Ok<AccountInfo>, ProblemHttpResult>> UpdateAsync(
        string username, UpdateAccount changes, Caller caller, AccountActions accounts, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await accounts.UpdateAsync(caller, username, changes, cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string username, Caller caller, AccountActions accounts, HttpContext context, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await accounts.DeleteAsync(caller, username, cancellationToken), context);

    private static async Task<Results<NoContent, ProblemHttpResult>> ResetPasswordAsync(
        string username, ResetAccountPassword request, Caller caller, AccountPasswordActions passwords, HttpContext context,
        CancellationToken cancellationToken)
    {
        var oldPassword = string.IsNullOrEmpty(request.OldPassword) ? null : request.OldPassword;
        return ProfileAnswers.Answer(
            await passwords.ResetAsync(
                new AccountCaller(caller, username), request.NewPassword ?? "", oldPassword, requiredHash: null, cancellationToken),
            context);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveTotpAsync(
        string username, Caller caller, AccountCodeActions codes, HttpContext context, CancellationToken cancellationToken) =>
        ProfileAnswers.Answer(await codes.RemoveAsync(new AccountCaller(caller, username), cancellationToken), context);
}
