using Halley.Protocol;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Administrators;

/// <summary>Sessions of <c>/api/v2</c>.</summary>
internal static class SessionsApi
{
    public static void MapSessions(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Routes.Sessions, StartAsync).WithTags("Sessions").AllowAnonymous();
        var own = endpoints.MapGroup("").WithTags("Sessions").RequireAuthorization(Policies.OwnAccount);
        own.MapGet(Routes.Sessions, ListAsync);
        own.MapDelete(Routes.CurrentSession, EndCurrentAsync);
        own.MapDelete(Routes.Session, EndAsync);
    }

    private static async Task<Results<Created<SessionStarted>, ProblemHttpResult>> StartAsync(
        StartSession request, AdministratorAccess access, AdministratorSessions sessions, HttpContext context, CancellationToken cancellationToken)
    {
        var attempt = new SignInAttempt(request.Username ?? "", request.Password ?? "", request.Totp ?? "");
        var signIn = await access.SignInAsync(attempt, context.Connection.RemoteIpAddress, cancellationToken);
        if (signIn.Administrator is not { } administrator)
        {
            return Refuse(signIn.Result, context);
        }

        var (key, session) = await sessions.StartAsync(administrator.Id, SessionOrigin.Of(context), cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created(
            Routes.CurrentSession, new SessionStarted(key, administrator.UserName!, session.ExpiresAt, session.EndsAt));
    }

    private static async Task<Ok<Page<SessionInfo>>> ListAsync(
        AdministratorSessions sessions, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = AdministratorIdentity.From(context.User)!;
        var found = await sessions.ListAsync(caller.Id, cancellationToken);
        return TypedResults.Ok(new Page<SessionInfo>([.. found.Select(session => session.ToWire(caller.SessionId))], Next: null));
    }

    private static async Task<NoContent> EndCurrentAsync(AdministratorSessions sessions, HttpContext context, CancellationToken cancellationToken)
    {
        if (AdministratorIdentity.From(context.User) is { SessionId: { } session } caller)
        {
            await sessions.EndAsync(caller.Id, session, cancellationToken);
        }

        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndAsync(
        Guid sessionId, AdministratorSessions sessions, HttpContext context, CancellationToken cancellationToken) =>
        await sessions.EndAsync(AdministratorIdentity.From(context.User)!.Id, sessionId, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.NotFound("session_not_found", "You have no session with this id; it may have ended already.");

    private static ProblemHttpResult Refuse(SignInResult result, HttpContext context)
    {
        switch (result)
        {
            case SignInResult.CodeMissing:
                return Problems.Unauthorized("totp_required", "Send a code of the authenticator app, or a recovery code, as totp.");
            case SignInResult.PasskeyMissing:
                return Problems.Unauthorized(
                    "passkey_required", "This administrator signs in with a passkey, which only the page can ask for; or send a recovery code as totp.");
            case SignInResult.Busy:
                context.Response.Headers.RetryAfter = "5";
                return Problems.TooManyRequests("Too many passwords are being checked; try again in a few seconds.");
            default:
                return Problems.Unauthorized(
                    Problems.InvalidCredentials,
                    "Name, password or code is wrong, or there were too many wrong tries; check them, or wait five minutes.");
        }
    }
}
