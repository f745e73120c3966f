using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>How <c>/api/v2</c> reads and writes profiles and the hashes of their states.</summary>
internal static class ProfileAnswers
{
    public const long LargestProfile = 8 * 1024 * 1024;

    /// <summary>A profile with its hash as ETag, or the problem.</summary>
    public static Results<JsonHttpResult<UserProfileConfig>, ProblemHttpResult> Answer(Outcome<StoredProfile> outcome, HttpContext context)
    {
        if (!outcome.TryGet(out var stored, out var refusal))
        {
            return refusal.ToProblem();
        }

        SetTag(context, stored.Hash);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(stored.Profile, CometJson.Options);
    }

    public static Results<NoContent, ProblemHttpResult> Answer(Refusal? refusal, HttpContext context) =>
        refusal is null ? TypedResults.NoContent() : refusal.ToProblem(context);

    public static Results<Ok<T>, ProblemHttpResult> Answer<T>(Outcome<T> outcome)
        where T : notnull => outcome.TryGet(out var value, out var refusal) ? TypedResults.Ok(value) : refusal.ToProblem();

    public static void SetTag(HttpContext context, string hash) => context.Response.Headers.ETag = $"\"{hash}\"";

    /// <summary>
    /// The state that a change requires; null for any, which the client requests with <c>*</c>. A problem when the header is missing.
    /// </summary>
    public static ProblemHttpResult? RequiredHash(HttpContext context, out string? hash)
    {
        hash = null;
        var header = context.Request.Headers.IfMatch;
        if (header.Count == 0)
        {
            return Problems.Problem(
                StatusCodes.Status428PreconditionRequired, "if_match_required",
                "Send the ETag of the profile that you have read as If-Match, or * to overwrite any state.");
        }

        if (header.ToString() != "*")
        {
            hash = EntityTagHeaderValue.TryParse(header.ToString(), out var tag) ? tag.Tag.ToString().Trim('"') : header.ToString();
        }

        return null;
    }
}
