using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Credentials;
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
        StartSession request, SessionStarts starts, SignInLimits limits, HttpContext context)
    {
        var answer = await starts.StartAsync(request, context);
        if (answer.Result is ProblemHttpResult refusal && Problems.InvalidCredentials.Equals(refusal.ProblemDetails.Extensions["code"]))
        {
            limits.Refuse(context, request.Username ?? "");
        }

        return answer;
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
}
