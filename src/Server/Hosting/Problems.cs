using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Hosting;

/// <summary>
/// The error responses of our own API: ProblemDetails with a <c>code</c> for programs and a <c>detail</c> that tells people what to do.
/// Codes are lower case with underscores and never change their meaning.
/// </summary>
internal static class Problems
{
    public const string InternalError = "internal_error";
    public const string Busy = "busy";
    public const string Forbidden = "forbidden";

    public static ProblemHttpResult Problem(int status, string code, string detail) =>
        TypedResults.Problem(detail, statusCode: status, extensions: [new("code", code)]);

    public static ProblemHttpResult BadRequest(string code, string detail) => Problem(StatusCodes.Status400BadRequest, code, detail);

    public static ProblemHttpResult Unauthorized(string code, string detail) => Problem(StatusCodes.Status401Unauthorized, code, detail);

    public static ProblemHttpResult NotFound(string code, string detail) => Problem(StatusCodes.Status404NotFound, code, detail);

    public static ProblemHttpResult Conflict(string code, string detail) => Problem(StatusCodes.Status409Conflict, code, detail);

    public static ProblemHttpResult TooManyRequests(string detail) => Problem(StatusCodes.Status429TooManyRequests, Busy, detail);

    /// <summary>The code and advice for a status that the framework returned without a body.</summary>
    public static (string Code, string Detail) ForStatus(int status) => status switch
    {
        400 => ("bad_request", "The request could not be read; check its JSON and the types of its fields."),
        401 => ("unauthorized", "Sign in first."),
        403 => (Forbidden, "The session may not do this."),
        404 => ("not_found", "There is nothing at this address; check the path."),
        405 => ("method_not_allowed", "This address does not take this method; see the Allow header."),
        413 => ("too_large", "The request body is larger than this address takes."),
        415 => ("unsupported_media_type", "Send the body as application/json."),
        429 => (Busy, "Too many requests; wait as long as the Retry-After header says."),
        >= 500 => (InternalError, "The server failed; its log has the details under the traceId."),
        _ => ("refused", "The request was refused."),
    };
}
