using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Credentials;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>The authenticator app of the user who calls, as <c>/api/v2/user</c> answers about it. Wrong codes count like wrong passwords.</summary>
internal sealed class UserCodes(AccountAccess access, AccountCodes codes)
{
    public async Task<Results<Ok<AuthenticatorAppCreated>, ProblemHttpResult>> RenewAsync(
        AccountIdentity caller, HttpContext context, CancellationToken cancellationToken)
    {
        if (await access.UsesCodesAsync(caller.Username, cancellationToken))
        {
            return Problems.Conflict("totp_is_on", "An authenticator app is in use; remove it with one of its codes first.");
        }

        var (change, secret) = await codes.RenewAsync(caller, requiredHash: null, cancellationToken);
        if (change.Result != ProfileChangeResult.Saved)
        {
            return AccountAnswers.Refuse(change, context);
        }

        var made = TotpSetUp.Of(caller.Username, secret);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new AuthenticatorAppCreated(made.Image, made.Link, made.Secret));
    }

    public async Task<Results<Ok<RecoveryCodesCreated>, ProblemHttpResult>> TurnOnAsync(
        AccountIdentity caller, string code, HttpContext context, CancellationToken cancellationToken)
    {
        if (!await ProveAsync(caller, code, context, cancellationToken))
        {
            return WrongCode();
        }

        var made = await codes.TurnOnAsync(caller, cancellationToken);
        return made is null ? AccountAnswers.NotFound() : Show(made, context);
    }

    public async Task<Results<NoContent, ProblemHttpResult>> TurnOffAsync(
        AccountIdentity caller, string code, HttpContext context, CancellationToken cancellationToken)
    {
        if (!await ProveAsync(caller, code, context, cancellationToken))
        {
            return WrongCode();
        }

        var change = await codes.TurnOffAsync(
            caller.Username, TenantScope.Of(caller.OrganizationId), caller.Username, cancellationToken);
        return change.Result == ProfileChangeResult.Saved ? TypedResults.NoContent() : AccountAnswers.Refuse(change, context);
    }

    public async Task<Results<Ok<RecoveryCodesCreated>, ProblemHttpResult>> RenewRecoveryCodesAsync(
        AccountIdentity caller, string code, HttpContext context, CancellationToken cancellationToken) =>
        await ProveAsync(caller, code, context, cancellationToken)
            ? Show(await codes.RenewRecoveryCodesAsync(caller.Id, cancellationToken), context)
            : WrongCode();

    private Task<bool> ProveAsync(AccountIdentity caller, string code, HttpContext context, CancellationToken cancellationToken) =>
        access.ProveCodeAsync(caller, code, context.Connection.RemoteIpAddress, cancellationToken);

    private static Ok<RecoveryCodesCreated> Show(IReadOnlyList<string> made, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new RecoveryCodesCreated(made));
    }

    private static ProblemHttpResult WrongCode() =>
        Problems.BadRequest("code_wrong", "This is not the code that the authenticator app shows now, or it was used already.");
}
