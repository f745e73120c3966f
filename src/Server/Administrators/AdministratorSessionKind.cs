using System.Net;
using System.Security.Claims;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Credentials;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Administrators;

/// <summary>Sessions of administrators at <c>/api/v2</c>.</summary>
/// <remarks>
/// A new one is created for every request with a key, so services that only a sign-in needs are resolved on demand. Otherwise a request
/// that lasts for days, such as that of a connected device, would hold a database context all the time.
/// </remarks>
internal sealed class AdministratorSessionKind(
    AdministratorSessions sessions, AdministratorStore administrators, OrganizationCache organizations) : ISessionKind
{
    public bool IsFor(StartSession request) => false;

    public async Task<bool> KnowsAsync(string username, CancellationToken cancellationToken) =>
        await administrators.FindAsync(username, cancellationToken) is not null;

    public async Task<Results<Created<SessionStarted>, ProblemHttpResult>> StartAsync(StartSession request, HttpContext context)
    {
        var attempt = new SignInAttempt(request.Username ?? "", request.Password ?? "", request.Totp ?? "");
        var access = context.RequestServices.GetRequiredService<AdministratorAccess>();
        var signIn = await access.SignInAsync(attempt, context.Connection.RemoteIpAddress, context.RequestAborted);
        if (signIn.Administrator is not { } administrator || !organizations.Admits(administrator.OrganizationId, context.Request.Host))
        {
            return Refuse(signIn.Result, context);
        }

        var (key, session) = await sessions.StartAsync(administrator.Id, SessionOrigin.Of(context), context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created(
            Routes.CurrentSession, new SessionStarted(key, administrator.UserName!, session.ExpiresAt, session.EndsAt));
    }

    public async Task<ClaimsPrincipal?> UseAsync(string key, IPAddress? client, string scheme, CancellationToken cancellationToken) =>
        (await sessions.UseAsync(key, client, cancellationToken))?.ToPrincipal(scheme);

    private static ProblemHttpResult Refuse(SignInResult result, HttpContext context)
    {
        switch (result)
        {
            case SignInResult.CodeMissing:
                return Problems.Unauthorized("totp_required", "Send a code of the authenticator app, or a recovery code, as totp.");
            case SignInResult.PasskeyMissing:
                return Problems.Unauthorized(
                    "passkey_required",
                        "This administrator signs in with a passkey, which only the page can ask for; or send a recovery code as totp.");
            case SignInResult.Busy:
                context.Response.Headers.RetryAfter = "5";
                return Problems.TooManyRequests("Too many passwords are being checked; try again in a few seconds.");
            default:
                return Problems.Unauthorized(
                    CallerProblems.InvalidCredentials,
                    "Name, password or code is wrong, or there were too many wrong tries; check them, or wait five minutes.");
        }
    }
}
