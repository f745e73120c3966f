using Halley.Protocol;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Credentials;

/// <summary>
/// Starts a session of the kind that the credentials fit. The kind that knows the name checks the credentials, so a user's sign-in does not
/// count as an administrator's failure.
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

    // A request for a second factor proves that the password was right.
    private static bool IsRefusal(Results<Created<SessionStarted>, ProblemHttpResult> answer) =>
        answer.Result is ProblemHttpResult refusal
            && refusal.ProblemDetails.Extensions["code"] is not ("totp_required" or "passkey_required");
}
