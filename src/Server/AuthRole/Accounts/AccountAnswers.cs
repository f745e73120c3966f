using Halley.Protocol.Comet;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>What the addresses about accounts answer in common.</summary>
internal static class AccountAnswers
{
    public static ProblemHttpResult NotFound() => Problems.NotFound("account_not_found", "There is no account with this name.");

    public static ProblemHttpResult Refuse(AccountChange change, HttpContext context)
    {
        switch (change.Result)
        {
            case AccountChangeResult.NotFound:
                return NotFound();
            case AccountChangeResult.NameTaken:
                return Problems.Conflict("account_exists", change.Reason!);
            case AccountChangeResult.Stale:
                return Problems.Problem(StatusCodes.Status412PreconditionFailed, "profile_changed", change.Reason!);
            case AccountChangeResult.WrongPassword:
                return Problems.Problem(StatusCodes.Status403Forbidden, "password_wrong", change.Reason!);
            case AccountChangeResult.Busy:
                context.Response.Headers.RetryAfter = "5";
                return Problems.TooManyRequests(change.Reason!);
            default:
                return Problems.BadRequest("account_invalid", change.Reason!);
        }
    }

    public static ProblemHttpResult Refuse(ProfileChange change, HttpContext context) => change.Result == ProfileChangeResult.Refused
        ? Problems.BadRequest("profile_refused", change.Reason!)
        : Refuse(AccountChange.Of(change), context);

    /// <summary>A profile with its hash as ETag.</summary>
    public static JsonHttpResult<UserProfileConfig> Show(UserProfileConfig profile, string hash, HttpContext context)
    {
        context.Response.Headers.ETag = ETagOf(hash);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(profile, CometJson.Options);
    }

    public static string ETagOf(string hash) => $"\"{hash}\"";

    /// <summary>The state that a change is meant for; null for any, as the client says with <c>*</c>. A problem when it does not say.</summary>
    public static ProblemHttpResult? RequiredHash(HttpContext context, out string? hash)
    {
        hash = null;
        var header = context.Request.Headers.IfMatch;
        if (header.Count == 0)
        {
            return Problems.Problem(
                StatusCodes.Status428PreconditionRequired, "if_match_required",
                "Send the ETag of the profile you have read as If-Match, or * to overwrite whatever is there.");
        }

        if (header.ToString() != "*")
        {
            hash = EntityTagHeaderValue.TryParse(header.ToString(), out var tag) ? tag.Tag.ToString().Trim('"') : header.ToString();
        }

        return null;
    }
}
