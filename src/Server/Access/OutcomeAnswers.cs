using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Access;

/// <summary>Converts outcomes to responses of <c>/api/v2</c>.</summary>
internal static class OutcomeAnswers
{
    public static Results<Ok<T>, ProblemHttpResult> ToOk<T>(this Outcome<T> outcome)
        where T : notnull => outcome.TryGet(out var value, out var refusal) ? TypedResults.Ok(value) : refusal.ToProblem();

    public static Results<Created<T>, ProblemHttpResult> ToCreated<T>(this Outcome<T> outcome, Func<T, string> location)
        where T : notnull =>
        outcome.TryGet(out var value, out var refusal) ? TypedResults.Created(location(value), value) : refusal.ToProblem();

    public static Results<Accepted<T>, ProblemHttpResult> ToAccepted<T>(this Outcome<T> outcome, Func<T, string> location)
        where T : notnull =>
        outcome.TryGet(out var value, out var refusal) ? TypedResults.Accepted(location(value), value) : refusal.ToProblem();

    public static Results<NoContent, ProblemHttpResult> ToNoContent(this Refusal? refusal) =>
        refusal is null ? TypedResults.NoContent() : refusal.ToProblem();
}
