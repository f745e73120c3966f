using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Access;

/// <summary>Converts refusals to responses of <c>/api/v2</c>.</summary>
internal static class RefusalProblems
{
    public static ProblemHttpResult ToProblem(this Refusal refusal) =>
        Problems.Problem(StatusOf(refusal.Kind), refusal.Code, refusal.Reason);

    /// <summary>Converts a refusal, with a <c>Retry-After</c> header if the refusal says when to try again.</summary>
    public static ProblemHttpResult ToProblem(this Refusal refusal, HttpContext context)
    {
        if (refusal.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds))
                .ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return refusal.ToProblem();
    }

    private static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Invalid => StatusCodes.Status400BadRequest,
        RefusalKind.Forbidden => StatusCodes.Status403Forbidden,
        RefusalKind.NotFound => StatusCodes.Status404NotFound,
        RefusalKind.Conflict => StatusCodes.Status409Conflict,
        RefusalKind.Stale => StatusCodes.Status412PreconditionFailed,
        RefusalKind.Busy => StatusCodes.Status429TooManyRequests,
        RefusalKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A new kind of refusal needs a status."),
    };
}
