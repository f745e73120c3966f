using Halley.Protocol;
using Halley.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Administrators;

/// <summary><c>/api/v2/account</c>: the caller's own password and second factors.</summary>
internal static class OwnAccountApi
{
    public static void MapOwnAccount(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Own account").RequireAuthorization(Policies.OwnAccount)
            .AddEndpointFilter(ForbidStoring);
        group.MapPut(Routes.OwnPassword, ChangePasswordAsync);
        group.MapPost(Routes.OwnTotp, RenewTotpAsync);
        group.MapPost(Routes.OwnTotpProof, TurnOnTotpAsync);
        group.MapPost(Routes.OwnRecoveryCodes, RenewRecoveryCodesAsync);
        group.MapPost(Routes.OwnSecondFactorReset, RemoveSecondFactorsAsync);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ChangePasswordAsync(
        ChangePassword request, Caller caller, OwnAccountActions account, HttpContext context, CancellationToken cancellationToken) =>
        await account.ChangePasswordAsync(
            caller, request.CurrentPassword ?? "", request.NewPassword ?? "", cancellationToken) is { } refusal
            ? refusal.ToProblem(context)
            : TypedResults.NoContent();

    private static async Task<Results<Ok<AuthenticatorAppCreated>, ProblemHttpResult>> RenewTotpAsync(
        ConfirmWithPassword proof, Caller caller, OwnAccountActions account, HttpContext context, CancellationToken cancellationToken) =>
        (await account.RenewTotpAsync(caller, proof.CurrentPassword ?? "", cancellationToken)).TryGet(out var made, out var refusal)
            ? TypedResults.Ok(new AuthenticatorAppCreated(made.Image, made.Link, made.Secret))
            : refusal.ToProblem(context);

    private static async Task<Results<Ok<RecoveryCodesCreated>, ProblemHttpResult>> TurnOnTotpAsync(
        ConfirmWithCode proof, Caller caller, OwnAccountActions account, HttpContext context, CancellationToken cancellationToken) =>
        (await account.TurnOnTotpAsync(caller, proof.Code ?? "", cancellationToken)).TryGet(out var made, out var refusal)
            ? TypedResults.Ok(made)
            : refusal.ToProblem(context);

    private static async Task<Results<Ok<RecoveryCodesCreated>, ProblemHttpResult>> RenewRecoveryCodesAsync(
        ConfirmWithPassword proof, Caller caller, OwnAccountActions account, HttpContext context, CancellationToken cancellationToken) =>
        (await account.RenewRecoveryCodesAsync(caller, proof.CurrentPassword ?? "", cancellationToken))
            .TryGet(out var made, out var refusal)
            ? TypedResults.Ok(made)
            : refusal.ToProblem(context);

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveSecondFactorsAsync(
        ConfirmWithPassword proof, Caller caller, OwnAccountActions account, HttpContext context, CancellationToken cancellationToken) =>
        await account.RemoveSecondFactorsAsync(caller, proof.CurrentPassword ?? "", cancellationToken) is { } refusal
            ? refusal.ToProblem(context)
            : TypedResults.NoContent();

    private static ValueTask<object?> ForbidStoring(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        call.HttpContext.Response.Headers.CacheControl = "no-store";
        return next(call);
    }
}
