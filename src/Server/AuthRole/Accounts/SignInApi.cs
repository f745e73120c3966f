using Halley.Protocol;
using Halley.Protocol.Keys;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.AuthRole.Tokens;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>Calls that a client makes before it has a session.</summary>
internal static class SignInApi
{
    public static void MapSignIn(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("").WithTags("Sessions").AllowAnonymous();
        group.MapPost(Routes.PreLogin, PreLogin);
        group.MapPost(Routes.InstallTokenSessions, RedeemAsync);
    }

    // There is only one version, so the response does not depend on the name and cannot reveal whether it exists.
    private static Ok<PreLoginAnswer> PreLogin(PreLogin request, AccountOptions options) =>
        TypedResults.Ok(new PreLoginAnswer(AccountKeys.CurrentKdf, options.AllowPasswordSignIn));

    private static async Task<Results<Created<SessionStarted>, ProblemHttpResult>> RedeemAsync(
        RedeemInstallToken request, InstallTokenActions tokens, AccountSessionKind sessions, HttpContext context,
        CancellationToken cancellationToken)
    {
        if (request.Device is null)
        {
            return Problems.BadRequest("device_invalid", "The device that is installed is missing.");
        }

        return await tokens.RedeemAsync(request.Username ?? "", request.Token ?? "", cancellationToken) is { } account
            ? await sessions.StartAsync(account, request.Device, context, cancellationToken)
            : Problems.Unauthorized("install_token_invalid", "The install token is unknown, used or expired; ask for a new one.");
    }
}
