using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Credentials;
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
        if (answer.Result is ProblemHttpResult refusal
            && CallerProblems.InvalidCredentials.Equals(refusal.ProblemDetails.Extensions["code"]))
        {
            limits.Refuse(context, request.Username ?? "");
        }

        return answer;
    }

    private static async Task<Ok<Page<SessionInfo>>> ListAsync(
        Caller caller, AdministratorSessions sessions, CancellationToken cancellationToken)
    {
        var found = await sessions.ListAsync(caller.Id, cancellationToken);
        return TypedResults.Ok(new Page<SessionInfo>([.. found.Select(session => session.ToWire(caller.SessionId))], Next: null));
    }

    private static async Task<NoContent> EndCurrentAsync(Caller caller, OwnAccountActions account, CancellationToken cancellationToken)
    {
        if (caller.SessionId is { } session)
        {
            await account.EndSessionAsync(caller, session, cancellationToken);
        }

        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndAsync(
        Guid sessionId, Caller caller, OwnAccountActions account, CancellationToken cancellationToken) =>
        await account.EndSessionAsync(caller, sessionId, cancellationToken) is { } refusal
            ? refusal.ToProblem()
            : TypedResults.NoContent();
}
