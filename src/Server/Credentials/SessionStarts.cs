using Halley.Protocol;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Credentials;

/// <summary>
/// Starts a session of whatever kind the credentials fit. Which kind has the name decides whose credentials are looked at, so that a user's
/// sign-in is no failure of an administrator.
/// </summary>
internal sealed class SessionStarts(IEnumerable<ISessionKind> kinds)
{
    public async Task<Results<Created<SessionStarted>, ProblemHttpResult>> StartAsync(StartSession request, HttpContext context)
    {
        var all = kinds.ToList();
        if (all.Find(kind => kind.IsFor(request)) is { } only)
        {
            return await only.StartAsync(request, context);
        }

        var knowing = new List<ISessionKind>();
        foreach (var kind in all)
        {
            if (await kind.KnowsAsync(request.Username ?? "", context.RequestAborted))
            {
                knowing.Add(kind);
            }
        }

        if (knowing.Count < 2)
        {
            return await (knowing.FirstOrDefault() ?? all[0]).StartAsync(request, context);
        }

        var answers = await SharedAttempt.TryAllAsync(
            [.. knowing.Select(kind =>
                (Func<Task<Results<Created<SessionStarted>, ProblemHttpResult>>>)(() => kind.StartAsync(request, context)))], IsRefusal);
        return Array.Find(answers, answer => answer.Result is Created<SessionStarted>) ?? Array.Find(answers, answer => !IsRefusal(answer))
            ?? answers[0];
    }

    // Whoever is asked for a second factor has shown the right password.
    private static bool IsRefusal(Results<Created<SessionStarted>, ProblemHttpResult> answer) =>
        answer.Result is ProblemHttpResult refusal
            && refusal.ProblemDetails.Extensions["code"] is not ("totp_required" or "passkey_required");
}
