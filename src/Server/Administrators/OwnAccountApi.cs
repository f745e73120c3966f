using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Administrators;

/// <summary><c>/api/v2/account</c>: the caller's own password and second factors.</summary>
internal static class OwnAccountApi
{
    public static void MapOwnAccount(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Own account").RequireAuthorization(Policies.OwnAccount);
        group.MapPut(Routes.OwnPassword, ChangePasswordAsync);
        group.MapPost(Routes.OwnTotp, RenewTotpAsync);
        group.MapPost(Routes.OwnTotpProof, TurnOnTotpAsync);
        group.MapPost(Routes.OwnRecoveryCodes, RenewRecoveryCodesAsync);
        group.MapPost(Routes.OwnSecondFactorReset, ResetAsync);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ChangePasswordAsync(
        ChangePassword request, AdministratorPasswords passwords, HttpContext context, CancellationToken cancellationToken)
    {
        var change = await passwords.ChangeAsync(
            CallerOf(context), request.CurrentPassword ?? "", request.NewPassword ?? "", context.Connection.RemoteIpAddress, cancellationToken);
        return change.Result switch
        {
            PasswordChangeResult.Changed => TypedResults.NoContent(),
            PasswordChangeResult.Unacceptable => Problems.BadRequest("password_unacceptable", string.Join(" ", change.Reasons)),
            PasswordChangeResult.Forbidden => Problems.Problem(StatusCodes.Status403Forbidden, "forbidden", string.Join(" ", change.Reasons)),
            PasswordChangeResult.Busy => Busy(context),
            _ => WrongPassword(),
        };
    }

    private static async Task<Results<Ok<AuthenticatorAppCreated>, ProblemHttpResult>> RenewTotpAsync(
        ConfirmWithPassword proof, AdministratorAccess access, AuthenticatorCodes codes, HttpContext context, CancellationToken cancellationToken)
    {
        if (await WhyNotAsync(proof, access, context, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        return await codes.RenewTotpAsync(CallerOf(context).Id, cancellationToken) is { } made
            ? TypedResults.Ok(new AuthenticatorAppCreated(made.Image, made.Link, made.Secret))
            : WrongPassword();
    }

    private static async Task<Results<Ok<RecoveryCodesCreated>, ProblemHttpResult>> TurnOnTotpAsync(
        ConfirmWithCode proof, AuthenticatorCodes codes, HttpContext context, CancellationToken cancellationToken) =>
        await codes.TurnOnTotpAsync(CallerOf(context).Id, proof.Code ?? "", cancellationToken) is { } made
            ? Secret(context, new RecoveryCodesCreated(made))
            : Problems.BadRequest("code_wrong", "This is not the code that the authenticator app shows now, or it was used already.");

    private static async Task<Results<Ok<RecoveryCodesCreated>, ProblemHttpResult>> RenewRecoveryCodesAsync(
        ConfirmWithPassword proof, AdministratorAccess access, AuthenticatorCodes codes, HttpContext context, CancellationToken cancellationToken) =>
        await WhyNotAsync(proof, access, context, cancellationToken) is { } refusal
            ? refusal
            : Secret(context, new RecoveryCodesCreated(await codes.RenewRecoveryCodesAsync(CallerOf(context).Id, cancellationToken)));

    private static async Task<Results<NoContent, ProblemHttpResult>> ResetAsync(
        ConfirmWithPassword proof, AdministratorAccess access, AuthenticatorCodes codes, HttpContext context, CancellationToken cancellationToken)
    {
        if (await WhyNotAsync(proof, access, context, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var caller = CallerOf(context);
        await codes.ResetAsync(caller.Id, caller.Username, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<ProblemHttpResult?> WhyNotAsync(
        ConfirmWithPassword proof, AdministratorAccess access, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var check = await access.CheckPasswordAsync(
            CallerOf(context).Username, proof.CurrentPassword ?? "", context.Connection.RemoteIpAddress, cancellationToken);
        return check.Administrator is not null ? null : check.Result == SignInResult.Busy ? Busy(context) : WrongPassword();
    }

    private static Ok<T> Secret<T>(HttpContext context, T answer)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(answer);
    }

    private static AdministratorIdentity CallerOf(HttpContext context) => AdministratorIdentity.From(context.User)!;

    private static ProblemHttpResult Busy(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "5";
        return Problems.TooManyRequests("Too many passwords are being checked; try again in a few seconds.");
    }

    private static ProblemHttpResult WrongPassword() => Problems.Problem(
        StatusCodes.Status403Forbidden, "current_password_wrong", "The present password is wrong, or there were too many wrong tries; check it, or wait five minutes.");
}
