using Halley.Protocol;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Administrators;

/// <summary>Sessions of <c>/api/v2</c>.</summary>
internal static class SessionsApi
{
    public static void MapSessions(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Routes.Sessions, StartAsync).WithTags("Sessions").AllowAnonymous();
        endpoints.MapDelete(Routes.CurrentSession, EndAsync).WithTags("Sessions").RequireAuthorization(Policies.Administrator);
    }

    private static async Task<Results<Created<SessionStarted>, ProblemHttpResult>> StartAsync(
        StartSession request, AdministratorAccess access, AdministratorSessions sessions, OrganizationDirectory organizations, HttpContext context,
        CancellationToken cancellationToken)
    {
        var signIn = await access.SignInWithPasswordAsync(
            request.Username ?? "", request.Password ?? "", context.Connection.RemoteIpAddress, cancellationToken);
        if (signIn.Administrator is not { } administrator || !organizations.Admits(administrator.OrganizationId, context.Request.Host))
        {
            return signIn.Result == SignInResult.Busy ? Busy(context) : Refused();
        }

        var (key, session) = await sessions.StartAsync(administrator.Id, SessionOrigin.Of(context), cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created(
            Routes.CurrentSession, new SessionStarted(key, administrator.UserName!, session.ExpiresAt, session.EndsAt));
    }

    private static async Task<NoContent> EndAsync(AdministratorSessions sessions, HttpContext context, CancellationToken cancellationToken)
    {
        if (AdministratorIdentity.From(context.User)?.SessionId is { } session)
        {
            await sessions.EndAsync(session, cancellationToken);
        }

        return TypedResults.NoContent();
    }

    private static ProblemHttpResult Refused() => Problems.Unauthorized(
        Problems.InvalidCredentials, "Name or password is wrong, or there were too many wrong tries; check them, or wait five minutes.");

    private static ProblemHttpResult Busy(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "5";
        return Problems.TooManyRequests("Too many passwords are being checked; try again in a few seconds.");
    }
}
