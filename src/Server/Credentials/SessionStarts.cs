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

        // At the same time, or the answer would take twice as long and tell that there are two.
        var answers = await Task.WhenAll(knowing.Select(kind => kind.StartAsync(request, context)));
        return Array.Find(answers, answer => answer.Result is Created<SessionStarted>) ?? answers[0];
    }
}
